import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { CalendarDay } from '../../domain/fact.js';
import type { Currency } from '../../domain/money.js';
import type { FulfilmentTerms } from '../../domain/order/order.commands.js';
import { order } from '../../domain/order/order.decider.js';
import type { CustomerId, OrderId, RequestedAdjustment } from '../../domain/order/order.events.js';
import { orderStream } from '../../domain/streams.js';
import type { CommandContext, Receipt } from '../command-context.js';
import { Rejected } from '../errors.js';
import { StreamWriter } from '../stream-writer.js';
import { priceFromCatalog, type AskedLine } from './catalog-prices.js';

/** An order as a client asks for it, before prices are looked up. */
export type AskedOrder = Readonly<{
  customerId?: CustomerId;
  country?: string;
  channel?: string;
  currency: Currency;
  lines: readonly AskedLine[];
  adjustments?: readonly RequestedAdjustment[];
  documentDay?: CalendarDay;
}> &
  Readonly<FulfilmentTerms>;

/**
 * Places an order of listed products, at list prices where the client gives none.
 *
 * Repeatable for ever: what is hashed is the order as asked, and a product that is gone, or costs something else by now,
 * does not stand between a repeated request and its first receipt.
 * @throws Rejected with a `PlaceOrderRejection` or an `OrderRejection`; and all that `StreamWriter.execute` throws
 */
export async function placeOrder(
  writer: StreamWriter,
  orderId: OrderId,
  asked: AskedOrder,
  context: CommandContext,
): Promise<Receipt> {
  const stream = orderStream(orderId);
  const fingerprint = { type: 'PlaceOrder', data: asked };
  const priced = await priceFromCatalog(writer, asked.lines, asked.currency);
  if ('lines' in priced) {
    const command = { type: 'PlaceOrder', data: { ...asked, orderId, lines: priced.lines } } as const;
    return writer.execute(order, stream, command, context, { asked: fingerprint, presumedNew: true });
  }
  const receipt = await writer.receiptOf(order, stream, context.commandId, fingerprint);
  if (receipt) return receipt;
  throw new Rejected(priced.rejection);
}

/** Asks for an order under a new id; see `placeOrder`. */
export class PlaceOrder extends Command<Receipt> {
  constructor(
    readonly orderId: OrderId,
    readonly asked: AskedOrder,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(PlaceOrder)
export class PlaceOrderHandler implements ICommandHandler<PlaceOrder> {
  constructor(private readonly writer: StreamWriter) {}

  execute({ orderId, asked, context }: PlaceOrder): Promise<Receipt> {
    return placeOrder(this.writer, orderId, asked, context);
  }
}
