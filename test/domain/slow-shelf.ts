import type { Instant } from '../../src/domain/fact.js';
import type { StockCommand, StockRejection } from '../../src/domain/stock/stock.commands.js';

type Slow = {
  id: string;
  asked: string;
  left: number;
  until: Instant;
  made: number;
  commitment: number | undefined;
};
type Refused = StockRejection['code'] | undefined;

/** What a shelf is, without any cleverness: every reservation with what is left of it, looked through each time. */
export class SlowShelf {
  onHand = 0;
  damaged = 0;
  limit = 0;
  commitments = 0;
  readonly reservations: Slow[] = [];
  readonly transfers = new Map<string, string>();

  /** Units of those that may still be shipped at `at`: committed, or not past their end. */
  promised(at: Instant): number {
    return this.open(at).reduce((sum, { left }) => sum + left, 0);
  }
  available(at: Instant): number {
    return Math.max(0, this.onHand - this.promised(at));
  }
  open(at: Instant): Slow[] {
    return this.reservations.filter(
      ({ left, until, commitment }) => left > 0 && (commitment !== undefined || until > at),
    );
  }

  /** Units on hand for each open reservation: handed out one reservation after the other. */
  covered(at: Instant): ReadonlyMap<string, number> {
    const rank = ({ commitment, made }: Slow): number => commitment ?? this.commitments + made;
    let rest = this.onHand;
    const shares = new Map<string, number>();
    for (const { id, left } of this.open(at).sort((a, b) => rank(a) - rank(b))) {
      const share = Math.min(left, rest);
      shares.set(id, share);
      rest -= share;
    }
    return shares;
  }

  /** The code of the rejection, or nothing when it is done. */
  send({ type, data }: StockCommand, at: Instant): Refused {
    switch (type) {
      case 'ReceiveStock':
        this.onHand += data.quantity;
        return undefined;
      case 'ReturnStock':
        if (data.condition === 'damaged') this.damaged += data.quantity;
        else this.onHand += data.quantity;
        return undefined;
      case 'WriteOffDamagedStock':
        if (data.quantity > this.damaged) return 'insufficient-damaged-stock';
        this.damaged -= data.quantity;
        return undefined;
      case 'AdjustStock':
        return this.becomes(this.onHand + data.delta, at) ? undefined : 'insufficient-stock';
      case 'CountStock':
        return this.becomes(data.counted, at) ? undefined : 'count-below-promised';
      case 'SetBackorderPolicy':
        this.limit = data.limit;
        return undefined;
      case 'TransferStock':
        return this.once(`out ${data.transferId}`, `${data.to} ${data.quantity}`, () => this.take(data.quantity, at));
      case 'ReceiveTransfer':
        return this.once(`in ${data.from} ${data.transferId}`, `${data.quantity}`, () => {
          this.onHand += data.quantity;
          return undefined;
        });
      case 'ReserveStock':
        return this.reserve(data.reservationId, data.quantity, data.expiresAt, at);
      case 'ExtendReservation': {
        const r = this.usable(data.reservationId, at);
        if (typeof r === 'string') return r;
        if (r.commitment !== undefined) return 'reservation-committed';
        if (data.expiresAt < r.until) return 'expiry-not-later';
        r.until = data.expiresAt;
        return undefined;
      }
      case 'ExpireReservation': // says what is so
        return this.reservations.some(({ id }) => id === data.reservationId) ? undefined : 'reservation-unknown';
      case 'CommitReservation': {
        const r = this.usable(data.reservationId, at);
        if (typeof r === 'string') return r;
        r.commitment ??= this.commitments++;
        return undefined;
      }
      case 'ReleaseReservation': {
        const r = this.usable(data.reservationId, at);
        if (typeof r === 'string') return r;
        r.left = 0;
        return undefined;
      }
      case 'ShipStock': {
        if (data.reservationId === undefined) return this.take(data.quantity, at);
        const r = this.usable(data.reservationId, at);
        if (typeof r === 'string') return r;
        if (data.quantity > r.left) return 'reservation-exceeded';
        if (data.quantity > (this.covered(at).get(r.id) ?? 0)) return 'reservation-backordered';
        r.left -= data.quantity;
        this.onHand -= data.quantity;
        return undefined;
      }
    }
  }

  private take(quantity: number, at: Instant): Refused {
    if (quantity > this.available(at)) return 'insufficient-stock';
    this.onHand -= quantity;
    return undefined;
  }

  /** Whether that many may be on hand. Finding more is always fine; missing some may leave no more short than the limit. */
  private becomes(units: number, at: Instant): boolean {
    if (units < this.onHand && (units < 0 || this.promised(at) - units > this.limit)) return false;
    this.onHand = units;
    return true;
  }

  private once(key: string, content: string, move: () => Refused): Refused {
    const known = this.transfers.get(key);
    if (known !== undefined) return known === content ? undefined : 'transfer-id-reused';
    const refused = move();
    if (refused === undefined) this.transfers.set(key, content);
    return refused;
  }

  private reserve(id: string, quantity: number, expiresAt: Instant, at: Instant): Refused {
    const asked = `${quantity} ${expiresAt}`;
    const known = this.reservations.find((r) => r.id === id);
    if (known) return known.asked === asked ? undefined : 'reservation-id-reused';
    if (expiresAt <= at) return 'expiry-not-ahead';
    if (this.promised(at) + quantity - this.onHand > this.limit) return 'insufficient-stock';
    const made = this.reservations.length;
    this.reservations.push({ id, asked, left: quantity, until: expiresAt, made, commitment: undefined });
    return undefined;
  }

  private usable(id: string, at: Instant): Slow | Exclude<Refused, undefined> {
    const r = this.reservations.find((known) => known.id === id);
    if (!r) return 'reservation-unknown';
    if (r.commitment === undefined && r.until <= at) return 'reservation-expired';
    return r.left === 0 ? 'reservation-closed' : r;
  }
}
