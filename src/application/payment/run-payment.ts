import { payment } from '../../domain/payment/payment.decider.js';
import type { PaymentCommand } from '../../domain/payment/payment.commands.js';
import { paymentStream } from '../../domain/streams.js';
import type { CommandContext, Receipt } from '../command-context.js';
import type { StreamWriter } from '../stream-writer.js';

/** Decides one command on its payment stream; everything it throws, `StreamWriter.execute` says. */
export const runPayment = (
  writer: StreamWriter,
  command: PaymentCommand,
  context: CommandContext,
): Promise<Receipt> => {
  const { data } = command;
  return writer.execute(payment, paymentStream(data.paymentId), command, context);
};
