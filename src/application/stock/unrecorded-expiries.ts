import type { Instant } from '../../domain/fact.js';
import { reservationsView } from '../../projections/reservations.view.js';
import type { Holdings } from '../../projections/shelf.js';
import { stockId } from '../../projections/stock.view.js';
import { justAfter } from '../views/just-after.js';
import { ViewNotReady, type ViewReader } from '../views/view-reader.js';

/** The most that are looked up for one answer. More than that, and `ReservationExpiries` has not run for a while. */
const MOST = 1_000;

/**
 * A shelf without the units of reservations that have expired, though the log does not say so yet.
 * `asOf`  of the document that the shelf is in
 */
export type Released = <S extends Holdings>(shelf: S, sku: string, location: string, asOf: bigint) => S;

/**
 * What makes sums that views keep exact at `at`: an expired reservation is free at once, and its event comes a moment later.
 * A document of `asOf` holds exactly the reservations whose newest event is not past it, once their view has come as far;
 * as long as it has not, the shelf stays as it is, which never shows more than there is.
 */
export async function unrecordedExpiries(reader: ViewReader, at: Instant): Promise<Released> {
  const due = await reader
    .read(reservationsView, { waitMs: 0 }, (views) =>
      views.find(reservationsView, { index: 'due', to: justAfter(at), limit: MOST }),
    )
    .catch((error: unknown) => {
      if (error instanceof ViewNotReady) return undefined;
      throw error;
    });
  return (shelf, sku, location, asOf) => {
    if (due?.position === undefined || due.position < asOf) return shelf;
    const units = due.value.documents
      .filter((each) => stockId(each.sku, each.location) === stockId(sku, location) && each.asOf <= asOf)
      .reduce((sum, { left }) => sum + left, 0);
    return units === 0 ? shelf : { ...shelf, held: shelf.held - units };
  };
}
