import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { order } from '../../domain/order/order.decider.js';
import { beginningFault, type Beginning } from '../../domain/payment/payment-of-order.js';
import { payment } from '../../domain/payment/payment.decider.js';
import { orderStream, paymentStream } from '../../domain/streams.js';
import type { CommandContext, Receipt } from '../command-context.js';
import { Rejected } from '../errors.js';
import { StreamWriter } from '../stream-writer.js';
import { runPayment } from './run-payment.js';

export type InitiatePaymentData = Extract<Beginning, { type: 'InitiatePayment' }>['data'];

/**
 * Begins a payment of an order, held against the order as it is: placed, standing, in the same currency, due. The order is
 * read, not locked: one that is cancelled at the same moment may get a payment all the same. What becomes of an order that
 * the ledger fulfils, and of its money, the fulfilment process looks after: it lets go of what such a payment holds, and
 * gives back what it took.
 * @throws Rejected why `beginningFault` says no, or a `PaymentRejection`; and all that `StreamWriter.execute` throws
 */
export async function beginPayment(
  writer: StreamWriter,
  command: Beginning,
  context: CommandContext,
): Promise<Receipt> {
  const { paymentId, orderId } = command.data;
  const { state } = await writer.current(order, orderStream(orderId), 0);
  const fault = beginningFault(command, state);
  if (!fault) return runPayment(writer, command, context);
  // What was begun before stays begun, whatever became of the order since.
  const receipt = await writer.receiptOf(payment, paymentStream(paymentId), context.commandId, command);
  if (receipt) return receipt;
  throw new Rejected(fault);
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
