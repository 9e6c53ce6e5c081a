import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { payment } from '../../domain/payment/payment.decider.js';
import type { PaymentCommand } from '../../domain/payment/payment.commands.js';
import { paymentStream } from '../../domain/streams.js';
import type { CommandContext, Receipt } from '../command-context.js';
import { StreamWriter } from '../stream-writer.js';

/** Decides one command on its payment stream; everything it throws, `StreamWriter.execute` says. */
export const runPayment = (
  writer: StreamWriter,
  command: PaymentCommand,
  context: CommandContext,
): Promise<Receipt> => {
  const { data } = command;
  return writer.execute(payment, paymentStream(data.paymentId), command, context);
};

export class RunPayment extends Command<Receipt> {
  constructor(
    readonly command: PaymentCommand,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(RunPayment)
export class RunPaymentHandler implements ICommandHandler<RunPayment> {
  constructor(private readonly writer: StreamWriter) {}

  execute({ command, context }: RunPayment): Promise<Receipt> {
    return runPayment(this.writer, command, context);
  }
}
