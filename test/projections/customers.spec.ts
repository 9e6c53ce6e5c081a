import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CustomerCommand } from '../../src/domain/customer/customer.commands.js';
import { customer } from '../../src/domain/customer/customer.decider.js';
import {
  OPEN_FIELDS,
  PERSONAL_FIELDS,
  type CustomerEvent,
  type CustomerField,
} from '../../src/domain/customer/customer.events.js';
import { CorruptHistory } from '../../src/domain/decider.js';
import { publicationOf } from '../../src/application/public-events/registry.js';
import { customers } from '../../src/projections/customers.projection.js';
import { closed, openSchemaCheck } from '../public-events/schema-check.js';
import { run } from '../domain/specify.js';
import { fold } from './project.js';
import { NOON, recorded } from './recorded.js';

const customerId = 'cus_1';
const registered: CustomerEvent = {
  type: 'CustomerRegistered',
  data: { customerId, personal: { name: 'N1', email: 'E1' }, country: 'France', segment: 'wholesale' },
};
const changed: CustomerEvent = {
  type: 'CustomerChanged',
  data: { customerId, personal: { name: 'N2', phone: 'P1' }, country: 'Spain', cleared: ['email', 'segment'] },
};
const erased: CustomerEvent = { type: 'CustomerErased', data: { customerId, reason: 'objection' } };
const LATER = '2011-08-13T12:00:00.000Z';
const folded = (...events: readonly CustomerEvent[]) =>
  fold(customers, recorded(events.map((event, index) => ({ event, at: index === 0 ? NOON : LATER })))).get(customerId);

test('holds what was given, changed and cleared, sealed as it came', () => {
  expect(folded(registered, changed)).toMatchObject({
    _id: customerId,
    customerId,
    personal: { name: 'N2', phone: 'P1' },
    country: 'Spain',
    registeredAt: NOON,
    changedAt: LATER,
    revision: '1',
  });
  const document = folded(registered, changed)!;
  expect('segment' in document || 'cleared' in document || 'email' in document.personal).toBe(false);
});

test('an erasure leaves nothing that was sealed, and what figures are counted by', () => {
  const document = folded(registered, changed, erased)!;
  expect(document).toMatchObject({ personal: {}, country: 'Spain', erased: { at: LATER, reason: 'objection' } });
  expect(JSON.stringify(document, (_, part: unknown) => (typeof part === 'bigint' ? '' : part))).not.toMatch(
    /N2|P1|N1|E1/,
  );
});

test('stops at a history that cannot be', () => {
  expect(() => folded(registered, registered)).toThrow(CorruptHistory);
  expect(() => folded(changed)).toThrow(/not there/);
  expect(() => folded(registered, erased, changed)).toThrow(/erased/);
});

test('of any history, the view has the newest value of each field, and the public events have no sealed one', async () => {
  const violation = await openSchemaCheck();
  const anyField = fc.constantFrom<CustomerField>(...PERSONAL_FIELDS, ...OPEN_FIELDS);
  const value = fc.integer({ min: 0, max: 99 }).map((number) => `SEALED-${number}`);
  const anySealed = fc.record({ name: value, email: value, phone: value, addresses: value }, { requiredKeys: [] });
  const anyOpen = fc.record(
    { country: fc.constantFrom('France', 'Spain'), language: fc.constantFrom('fr', 'es') },
    { requiredKeys: [] },
  );
  const anyChange = fc
    .tuple(anySealed, anyOpen, fc.uniqueArray(anyField, { maxLength: 2 }))
    .map(([personal, open, cleared]): CustomerCommand => ({
      type: 'ChangeCustomer',
      data: { customerId, personal, ...open, cleared },
    }));
  const history = fc.tuple(anySealed, anyOpen, fc.array(anyChange, { maxLength: 8 }), fc.boolean());
  fc.assert(
    fc.property(history, ([personal, open, changes, isErased]) => {
      const commands: CustomerCommand[] = [
        { type: 'RegisterCustomer', data: { customerId, personal, ...open } },
        ...changes,
        ...(isErased ? [{ type: 'EraseCustomer', data: { customerId, reason: 'objection' } } as const] : []),
      ];
      const events = run(
        customer,
        commands.map((command) => ({ command, at: NOON })),
      ).flatMap((step) => step.events);
      const expected = new Map<string, string>();
      for (const { type, data } of events) {
        if (type === 'CustomerErased') for (const field of PERSONAL_FIELDS) expected.delete(field);
        else {
          const { personal: sealed, customerId: _, ...rest } = data;
          const { cleared = [], ...clear } = rest as { cleared?: readonly string[] };
          for (const [field, sealedOrOpen] of Object.entries({ ...sealed, ...clear }))
            expected.set(field, sealedOrOpen);
          for (const field of cleared) expected.delete(field);
        }
        const publication = publicationOf(type)!;
        const told = publication.map(data);
        expect(violation(closed(publication.data.schema), told)).toBeUndefined();
        expect(JSON.stringify(told)).not.toContain('SEALED');
      }
      const document = fold(customers, recorded(events.map((event) => ({ event })))).get(customerId)!;
      const found = { ...document.personal, ...(document.country && { country: document.country }) };
      expect({ ...found, ...(document.language && { language: document.language }) }).toEqual(
        Object.fromEntries(expected),
      );
    }),
  );
});
