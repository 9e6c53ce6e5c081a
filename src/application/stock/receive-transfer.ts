import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { cannotArrive } from '../../domain/stock/movements.js';
import type { StockCommand } from '../../domain/stock/stock.commands.js';
import { stock } from '../../domain/stock/stock.decider.js';
import { sentKey } from '../../domain/stock/stock.state.js';
import { stockStream } from '../../domain/streams.js';
import type { CommandContext, Receipt } from '../command-context.js';
import { Rejected } from '../errors.js';
import { StreamWriter } from '../stream-writer.js';

type Arriving = Extract<StockCommand, { type: 'ReceiveTransfer' }>;

/**
 * Takes in what another shelf has sent, and nothing else: so no unit is ever made by receiving it. What was sent is a fact
 * on that shelf's stream, which nothing takes back; once seen there it can be relied on, with no lock over both.
 * @throws Rejected with a `StockRejection`; and all that `StreamWriter.execute` throws
 */
export async function receiveTransfer(
  writer: StreamWriter,
  command: Arriving,
  context: CommandContext,
): Promise<Receipt> {
  const { sku, location, from, transferId } = command.data;
  const { state } = await writer.current(stock, stockStream(sku, from), 0);
  const rejection = cannotArrive(command.data, state.transfers.get(sentKey(transferId)));
  if (rejection) throw new Rejected(rejection);
  return writer.execute(stock, stockStream(sku, location), command, context);
}

export class ReceiveTransfer extends Command<Receipt> {
  constructor(
    readonly command: Arriving,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(ReceiveTransfer)
export class ReceiveTransferHandler implements ICommandHandler<ReceiveTransfer> {
  constructor(private readonly writer: StreamWriter) {}

  execute({ command, context }: ReceiveTransfer): Promise<Receipt> {
    return receiveTransfer(this.writer, command, context);
  }
}
