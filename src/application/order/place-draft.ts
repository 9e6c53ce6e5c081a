import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { FulfilmentTerms } from '../../domain/order/order.commands.js';
import { order, type OrderState } from '../../domain/order/order.decider.js';
import type { OrderId } from '../../domain/order/order.events.js';
import { orderStream } from '../../domain/streams.js';
import type { CommandContext, Receipt } from '../command-context.js';
import { Rejected, RevisionMismatch } from '../errors.js';
import { ConcurrencyConflict } from '../ports/event-store.js';
import { StreamWriter } from '../stream-writer.js';
import { priceFromCatalog, type PlaceOrderRejection } from './catalog-prices.js';

/** How often a draft that changes while its prices are looked up is looked up again. */
const MAX_ATTEMPTS = 5;

/**
 * Places a draft: what was asked for, at the prices of this moment. The order that is placed is the draft at one exact
 * revision; a draft that changes meanwhile is priced anew.
 * @throws Rejected with a `PlaceOrderRejection` or an `OrderRejection`; and all that `StreamWriter.execute` throws
 */
export async function placeDraft(
  writer: StreamWriter,
  orderId: OrderId,
  terms: Readonly<FulfilmentTerms>,
  context: CommandContext,
): Promise<Receipt> {
  const stream = orderStream(orderId);
  const fingerprint = { type: 'PlaceDraft', data: { orderId, ...terms } };
  for (let attempt = 1; ; attempt++) {
    const receipt = await writer.receiptOf(order, stream, context.commandId, fingerprint);
    if (receipt) return receipt;
    const { state, revision } = await writer.current(order, stream, 0);
    const asked = askedFor(state);
    const priced = await priceFromCatalog(writer, asked.lines, asked.content.currency);
    if ('rejection' in priced) {
      const line = asked.numbers[priced.rejection.line - 1] ?? priced.rejection.line;
      const rejection: PlaceOrderRejection = { ...priced.rejection, list: 'draft', line };
      throw new Rejected(rejection);
    }
    const command = { type: 'PlaceOrder', data: { ...asked.content, ...terms, orderId, lines: priced.lines } } as const;
    const expectedRevision = context.expectedRevision ?? (revision === 'no-stream' ? undefined : revision);
    const decided = { ...context, ...(expectedRevision === undefined ? {} : { expectedRevision }) };
    try {
      return await writer.execute(order, stream, command, decided, { asked: fingerprint });
    } catch (error) {
      const moved = error instanceof RevisionMismatch && context.expectedRevision === undefined;
      if (!moved) throw error;
      if (attempt === MAX_ATTEMPTS) throw new ConcurrencyConflict(stream, revision, { cause: error });
    }
  }
}

/** What a draft asks for. @throws Rejected where there is none: also a new stream, which `PlaceOrder` would begin */
function askedFor(state: OrderState) {
  if (state.status === 'draft') {
    const { nextLine: _, expiresAt: _expiresAt, lines, ...content } = state.draft;
    return { content, numbers: lines.map(({ line }) => line), lines: lines.map(({ line: _line, ...asked }) => asked) };
  }
  if (state.status === 'none') throw new Rejected({ code: 'draft-unknown' });
  throw new Rejected({ code: state.status === 'discarded' ? 'draft-discarded' : 'order-already-placed' });
}

export class PlaceDraft extends Command<Receipt> {
  constructor(
    readonly orderId: OrderId,
    readonly terms: Readonly<FulfilmentTerms>,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(PlaceDraft)
export class PlaceDraftHandler implements ICommandHandler<PlaceDraft> {
  constructor(private readonly writer: StreamWriter) {}

  execute({ orderId, terms, context }: PlaceDraft): Promise<Receipt> {
    return placeDraft(this.writer, orderId, terms, context);
  }
}
