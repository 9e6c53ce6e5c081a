import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { CalendarDay } from '../../domain/fact.js';
import type { Currency, Decimal } from '../../domain/money.js';
import type { RequestedLine } from '../../domain/order/order.commands.js';
import { order } from '../../domain/order/order.decider.js';
import type { CustomerId, LineKind, OrderId } from '../../domain/order/order.events.js';
import { product, type ProductState } from '../../domain/product/product.decider.js';
import { orderStream, productStream } from '../../domain/streams.js';
import type { CommandContext, Receipt } from '../command-context.js';
import { Rejected } from '../errors.js';
import { StreamWriter } from '../stream-writer.js';

/** A line as a client asks for it. `kind` is `goods` where it is absent; `unitPrice` then the product's list price. */
export type AskedLine = Readonly<{
  sku: string;
  quantity: number;
  kind?: LineKind;
  unitPrice?: Decimal;
  name?: string;
}>;

/** An order as a client asks for it, before prices are looked up. */
export type AskedOrder = Readonly<{
  customerId?: CustomerId;
  country?: string;
  channel?: string;
  currency: Currency;
  lines: readonly AskedLine[];
  documentDay?: CalendarDay;
}>;

/** Why a line cannot be sold. `line` counts from 1, as in the request. */
export type PlaceOrderRejection = Readonly<
  | { code: 'line-product-unknown' | 'line-product-discontinued'; line: number; sku: string }
  | { code: 'line-price-missing'; line: number; sku: string; currency: Currency }
>;

/**
 * How old a product's state may be when it says yes. A product that another process discontinued or priced anew within
 * this time may still be sold as before: two streams cannot change as one. This process's own changes count at once.
 */
const PRODUCT_MAX_AGE_MS = 1_000;

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
  const priced = await priceFromCatalog(writer, asked);
  if ('lines' in priced) {
    const command = { type: 'PlaceOrder', data: { ...asked, orderId, lines: priced.lines } } as const;
    return writer.execute(order, stream, command, context, { asked: fingerprint, presumedNew: true });
  }
  const receipt = await writer.receiptOf(order, stream, context.commandId, fingerprint);
  if (receipt) return receipt;
  throw new Rejected(priced.rejection);
}

type Priced = Readonly<{ lines: readonly RequestedLine[] }> | Readonly<{ rejection: PlaceOrderRejection }>;

/** Each line with its kind and price. The first line that cannot be sold is the answer, never from an old state. */
async function priceFromCatalog(writer: StreamWriter, { currency, lines }: AskedOrder): Promise<Priced> {
  const goods = new Set(lines.filter(({ kind }) => isGoods(kind)).map(({ sku }) => sku));
  const states = new Map(
    await Promise.all(
      [...goods].map(async (sku) => [sku, await productState(writer, sku, PRODUCT_MAX_AGE_MS)] as const),
    ),
  );
  const priced: RequestedLine[] = [];
  for (const [index, asked] of lines.entries()) {
    let line = priceLine(asked, index + 1, currency, isGoods(asked.kind) ? states.get(asked.sku) : undefined);
    if ('code' in line && isGoods(asked.kind)) {
      line = priceLine(asked, index + 1, currency, await productState(writer, asked.sku, 0));
    }
    if ('code' in line) return { rejection: line };
    priced.push(line);
  }
  return { lines: priced };
}

/** `state` is that of the product of a goods line; other kinds have none. */
function priceLine(
  asked: AskedLine,
  line: number,
  currency: Currency,
  state: ProductState | undefined,
): RequestedLine | PlaceOrderRejection {
  const { sku } = asked;
  if (state?.status === 'none') return { code: 'line-product-unknown', line, sku };
  if (state?.status === 'discontinued') return { code: 'line-product-discontinued', line, sku };
  const unitPrice = asked.unitPrice ?? state?.prices.get(currency);
  if (unitPrice === undefined) return { code: 'line-price-missing', line, sku, currency };
  return { ...asked, kind: asked.kind ?? 'goods', unitPrice };
}

const isGoods = (kind: LineKind | undefined): boolean => kind === undefined || kind === 'goods';

const productState = async (writer: StreamWriter, sku: string, maxAgeMs: number): Promise<ProductState> =>
  (await writer.current(product, productStream(sku), maxAgeMs)).state;

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
