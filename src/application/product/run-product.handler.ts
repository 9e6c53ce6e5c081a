import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { product } from '../../domain/product/product.decider.js';
import type { ProductCommand } from '../../domain/product/product.commands.js';
import { productStream } from '../../domain/streams.js';
import type { CommandContext, Receipt } from '../command-context.js';
import { StreamWriter } from '../stream-writer.js';

/** Decides one command on its product stream; everything it throws, `StreamWriter.execute` says. */
export const runProduct = (
  writer: StreamWriter,
  command: ProductCommand,
  context: CommandContext,
): Promise<Receipt> => {
  const { data } = command;
  return writer.execute(product, productStream(data.sku), command, context);
};

export class RunProduct extends Command<Receipt> {
  constructor(
    readonly command: ProductCommand,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(RunProduct)
export class RunProductHandler implements ICommandHandler<RunProduct> {
  constructor(private readonly writer: StreamWriter) {}

  execute({ command, context }: RunProduct): Promise<Receipt> {
    return runProduct(this.writer, command, context);
  }
}
