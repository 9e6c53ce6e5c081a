import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Beginning } from '../../domain/payment/payment-of-order.js';
import type { CommandContext, Receipt } from '../command-context.js';
import { StreamWriter } from '../stream-writer.js';
import { beginPayment } from './initiate-payment.js';

type RecordPaymentData = Extract<Beginning, { type: 'RecordPayment' }>['data'];

/** Writes down a payment that was settled elsewhere, of an order that was placed, whether it still stands; see `beginPayment`. */
export class RecordPayment extends Command<Receipt> {
  constructor(
    readonly data: RecordPaymentData,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(RecordPayment)
export class RecordPaymentHandler implements ICommandHandler<RecordPayment> {
  constructor(private readonly writer: StreamWriter) {}

  execute({ data, context }: RecordPayment): Promise<Receipt> {
    return beginPayment(this.writer, { type: 'RecordPayment', data }, context);
  }
}
