import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { orderOfReservation } from '../../domain/fulfilment/fulfilment.state.js';
import { stock } from '../../domain/stock/stock.decider.js';
import type { StockCommand as AnyStockCommand, StockRejection } from '../../domain/stock/stock.commands.js';
import { stockStream } from '../../domain/streams.js';
import type { CommandContext, Receipt } from '../command-context.js';
import { Rejected } from '../errors.js';
import { StreamWriter } from '../stream-writer.js';
import type { ExecuteOptions } from '../stream-writer/options.js';

/** What one stream alone can decide: what arrives is for `receiveTransfer`. */
export type StockCommand = Exclude<AnyStockCommand, { type: 'ReceiveTransfer' }>;

/** Decides one command on its stock stream; everything it throws, `StreamWriter.execute` says. */
export const runStock = (
  writer: StreamWriter,
  command: StockCommand,
  context: CommandContext,
  options: ExecuteOptions = {},
): Promise<Receipt> => {
  const { data } = command;
  return writer.execute(stock, stockStream(data.sku, data.location), command, context, options);
};

/** Of somebody outside of the ledger's own processes. */
export class RunStock extends Command<Receipt> {
  constructor(
    readonly command: StockCommand,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(RunStock)
export class RunStockHandler implements ICommandHandler<RunStock> {
  constructor(private readonly writer: StreamWriter) {}

  async execute({ command, context }: RunStock): Promise<Receipt> {
    refuseOfOrders(command);
    return runStock(this.writer, command, context);
  }
}

/** What the ledger reserves for an order that it fulfils is moved by what becomes of the order, and by nobody else. */
function refuseOfOrders({ data }: StockCommand): void {
  const reservationId = 'reservationId' in data ? data.reservationId : undefined;
  const orderId = orderOfReservation(reservationId);
  if (reservationId === undefined || orderId === undefined) return;
  const rejection: StockRejection = { code: 'reservation-in-fulfilment', reservationId, orderId };
  throw new Rejected(rejection);
}
