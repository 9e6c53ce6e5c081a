import { randomUUID } from 'node:crypto';
import type { AnyFact } from '../../src/domain/fact.js';
import type { NewEvent } from '../../src/application/ports/event-store.js';

/** An event as a command of its own would write it, of 1 March 2026. */
export function newEvent<E extends AnyFact>(event: E): NewEvent<E> {
  const commandId = randomUUID();
  const metadata = {
    commandId,
    commandHash: 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg',
    correlationId: commandId,
    causationId: commandId,
    principal: 'bench',
    occurredAt: '2026-03-01T12:00:00.000Z',
  };
  return { id: randomUUID(), event, metadata };
}
