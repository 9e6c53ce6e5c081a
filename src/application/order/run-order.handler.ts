import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { order } from '../../domain/order/order.decider.js';
import type { OrderCommand } from '../../domain/order/order.commands.js';
import { orderStream } from '../../domain/streams.js';
import type { CommandContext, Receipt } from '../command-context.js';
import { StreamWriter } from '../stream-writer.js';

/** Decides one command on its order stream; everything it throws, `StreamWriter.execute` says. */
export const runOrder = (writer: StreamWriter, command: OrderCommand, context: CommandContext): Promise<Receipt> => {
  const { data } = command;
  return writer.execute(order, orderStream(data.orderId), command, context);
};

export class RunOrder extends Command<Receipt> {
  constructor(
    readonly command: OrderCommand,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(RunOrder)
export class RunOrderHandler implements ICommandHandler<RunOrder> {
  constructor(private readonly writer: StreamWriter) {}

  execute({ command, context }: RunOrder): Promise<Receipt> {
    return runOrder(this.writer, command, context);
  }
}
