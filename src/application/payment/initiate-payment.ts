import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { order } from '../../domain/order/order.decider.js';
import type { PaymentCommand } from '../../domain/payment/payment.commands.js';
import { payment } from '../../domain/payment/payment.decider.js';
import { orderStream, paymentStream } from '../../domain/streams.js';
import type { CommandContext, Receipt } from '../command-context.js';
import { Rejected } from '../errors.js';
import { StreamWriter } from '../stream-writer.js';
import { runPayment } from './run-payment.js';

export type InitiatePaymentData = Extract<PaymentCommand, { type: 'InitiatePayment' }>['data'];

/**
 * Begins a payment of an order that is there. What becomes of the order afterwards, the fulfilment process looks after.
 * @throws Rejected `order-unknown`, or a `PaymentRejection`; and all that `StreamWriter.execute` throws
 */
export async function initiatePayment(
  writer: StreamWriter,
  data: InitiatePaymentData,
  context: CommandContext,
): Promise<Receipt> {
  const command = { type: 'InitiatePayment', data } as const;
  const { state } = await writer.current(order, orderStream(data.orderId), 0);
  if (state.status !== 'none') return runPayment(writer, command, context);
  const receipt = await writer.receiptOf(payment, paymentStream(data.paymentId), context.commandId, command);
  if (receipt) return receipt;
  throw new Rejected({ code: 'order-unknown' });
}

export class InitiatePayment extends Command<Receipt> {
  constructor(
    readonly data: InitiatePaymentData,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(InitiatePayment)
export class InitiatePaymentHandler implements ICommandHandler<InitiatePayment> {
  constructor(private readonly writer: StreamWriter) {}

  execute({ data, context }: InitiatePayment): Promise<Receipt> {
    return initiatePayment(this.writer, data, context);
  }
}
