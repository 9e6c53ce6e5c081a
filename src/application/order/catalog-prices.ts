import type { Currency, Decimal } from '../../domain/money.js';
import type { RequestedLine } from '../../domain/order/order.commands.js';
import type { LineKind } from '../../domain/order/order.events.js';
import { product, type ProductState } from '../../domain/product/product.decider.js';
import { productStream } from '../../domain/streams.js';
import type { StreamWriter } from '../stream-writer.js';

/** A line as a client asks for it. `kind` is `goods` where it is absent; `unitPrice` then the product's list price. */
export type AskedLine = Readonly<{
  sku: string;
  quantity: number;
  kind?: LineKind;
  unitPrice?: Decimal;
  name?: string;
}>;

/**
 * Why a line cannot be sold. `line` counts from 1 in the request's `lines`; where `list` is `addLines`, in those. Of a
 * draft it is the line's number there.
 */
export type PlaceOrderRejection = Readonly<
  { line: number; list?: 'addLines' | 'draft' } & (
    | { code: 'line-product-unknown' | 'line-product-discontinued'; sku: string }
    | { code: 'line-price-missing'; sku: string; currency: Currency }
  )
>;

/**
 * How old a product's state may be when it says yes. A product that another process discontinued or priced anew within
 * this time may still be sold as before: two streams cannot change as one. This process's own changes count at once.
 */
const PRODUCT_MAX_AGE_MS = 1_000;

type Priced = Readonly<{ lines: readonly RequestedLine[] }> | Readonly<{ rejection: PlaceOrderRejection }>;

/** Each line with its kind and price. The first line that cannot be sold is the answer, never from an old state. */
export async function priceFromCatalog(
  writer: StreamWriter,
  lines: readonly AskedLine[],
  currency: Currency,
): Promise<Priced> {
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
