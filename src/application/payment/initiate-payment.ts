import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { order } from '../../domain/order/order.decider.js';
import type { PaymentCommand } from '../../domain/payment/payment.commands.js';
import { payment } from '../../domain/payment/payment.decider.js';
import { orderStream, paymentStream } from '../../domain/streams.js';
import type { CommandContext, Receipt } from '../command-context.js';
import { Rejected } from '../errors.js';
import { StreamWriter } from '../stream-writer.js';
import { runPayment } from './run-payment.js';

type Beginning = Extract<PaymentCommand, { type: 'InitiatePayment' | 'RecordPayment' }>;
export type InitiatePaymentData = Extract<Beginning, { type: 'InitiatePayment' }>['data'];

/**
 * Begins a payment of an order that is there. What becomes of the order afterwards, the fulfilment process looks after.
 * @throws Rejected `order-unknown`, or a `PaymentRejection`; and all that `StreamWriter.execute` throws
 */
export async function beginPayment(
  writer: StreamWriter,
  command: Beginning,
  context: CommandContext,
): Promise<Receipt> {
  const { paymentId, orderId } = command.data;
  const { state } = await writer.current(order, orderStream(orderId), 0);
  if (state.status !== 'none') return runPayment(writer, command, context);
  const receipt = await writer.receiptOf(payment, paymentStream(paymentId), context.commandId, command);
  if (receipt) return receipt;
  throw new Rejected({ code: 'order-unknown' });
}

export const initiatePayment = (
  writer: StreamWriter,
  data: InitiatePaymentData,
  context: CommandContext,
): Promise<Receipt> => beginPayment(writer, { type: 'InitiatePayment', data }, context);

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
