import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { PaymentCommand } from '../../domain/payment/payment.commands.js';
import type { CommandContext, Receipt } from '../command-context.js';
import { StreamWriter } from '../stream-writer.js';
import { runPayment } from './run-payment.js';

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
