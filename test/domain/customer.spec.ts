import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CustomerCommand } from '../../src/domain/customer/customer.commands.js';
import { customer } from '../../src/domain/customer/customer.decider.js';
import {
  ERASURE_REASONS,
  OPEN_FIELDS,
  PERSONAL_FIELDS,
  type CustomerEvent,
  type CustomerField,
} from '../../src/domain/customer/customer.events.js';
import { NOON, run, specify } from './specify.js';

const { given } = specify(customer);

const customerId = 'cus_1';
const fields = { personal: { name: 'sealed-name', email: 'sealed-email' }, country: 'France', segment: 'wholesale' };
const register: CustomerCommand = { type: 'RegisterCustomer', data: { customerId, ...fields } };
const registered: CustomerEvent = { type: 'CustomerRegistered', data: { customerId, ...fields } };
type Change = Omit<Extract<CustomerCommand, { type: 'ChangeCustomer' }>['data'], 'customerId'>;
const change = (data: Change): CustomerCommand => ({ type: 'ChangeCustomer', data: { customerId, ...data } });
const changed = (data: Change): CustomerEvent => ({ type: 'CustomerChanged', data: { customerId, ...data } });
const erase: CustomerCommand = { type: 'EraseCustomer', data: { customerId, reason: 'consent-withdrawn' } };
const erased: CustomerEvent = { type: 'CustomerErased', data: { customerId, reason: 'consent-withdrawn' } };

describe('registering a customer', () => {
  test('records what was given, and needs no field at all', () => {
    given().when(register).then(registered);
    given()
      .when({ type: 'RegisterCustomer', data: { customerId, personal: {} } })
      .then({ type: 'CustomerRegistered', data: { customerId, personal: {} } });
  });
  test('is done once, and never after an erasure', () => {
    given(registered).when(register).thenRejected({ code: 'customer-already-registered' });
    given(registered, erased).when(register).thenRejected({ code: 'customer-erased' });
  });
});

describe('changing a customer', () => {
  const phone = { personal: { phone: 'sealed-phone' } };
  test('records fields that are set and fields that are cleared', () => {
    given(registered).when(change(phone)).then(changed(phone));
    const both = { personal: {}, language: 'fr', cleared: ['email', 'segment'] } as const;
    given(registered, changed(phone)).when(change(both)).then(changed(both));
  });
  test('needs a customer that is there', () => {
    given().when(change(phone)).thenRejected({ code: 'customer-unknown' });
    given(registered, erased).when(change(phone)).thenRejected({ code: 'customer-erased' });
  });
  test('names at least one field, and none twice', () => {
    given(registered)
      .when(change({ personal: {} }))
      .thenRejected({ code: 'customer-change-empty' });
    given(registered)
      .when(change({ personal: {}, cleared: [] }))
      .thenRejected({ code: 'customer-change-empty' });
    given(registered)
      .when(change({ ...phone, cleared: ['phone'] }))
      .thenRejected({ code: 'customer-field-repeated', field: 'phone' });
    given(registered)
      .when(change({ personal: {}, country: 'Spain', cleared: ['country'] }))
      .thenRejected({ code: 'customer-field-repeated', field: 'country' });
    given(registered)
      .when(change({ personal: {}, cleared: ['email', 'name', 'email'] }))
      .thenRejected({ code: 'customer-field-repeated', field: 'email' });
  });
});

test('erasing is recorded once', () => {
  given(registered).when(erase).then(erased);
  given(registered, erased).when(erase).then();
  given().when(erase).thenRejected({ code: 'customer-unknown' });
});

test('a history that no command wrote stops the fold', () => {
  given(registered, registered).thenCorrupt(/CustomerRegistered on a customer that is registered/);
  given(registered, erased, registered).thenCorrupt(/CustomerRegistered on a customer that is erased/);
  given(changed({ personal: {} })).thenCorrupt(/CustomerChanged on a customer that is none/);
  given(registered, erased, changed({ personal: {} })).thenCorrupt(/CustomerChanged on a customer that is erased/);
  given(erased).thenCorrupt(/CustomerErased on a customer that is none/);
  given(registered, erased, erased).thenCorrupt(/CustomerErased on a customer that is erased/);
});

test('no run of commands registers twice, goes on after an erasure, or keeps anything sealed in a state', () => {
  const anyField = fc.constantFrom<CustomerField>(...PERSONAL_FIELDS, ...OPEN_FIELDS);
  const anyFields = fc.record(
    { country: fc.constantFrom('France', 'Spain'), language: fc.constant('fr'), segment: fc.constant('retail') },
    { requiredKeys: [] },
  );
  const anySealed = fc.record({ name: fc.constant('SEALED'), phone: fc.constant('SEALED') }, { requiredKeys: [] });
  const anyCommand: fc.Arbitrary<CustomerCommand> = fc.oneof(
    fc.tuple(anySealed, anyFields).map(([personal, open]): CustomerCommand => ({
      type: 'RegisterCustomer',
      data: { customerId, personal, ...open },
    })),
    {
      arbitrary: fc
        .tuple(anySealed, anyFields, fc.array(anyField, { maxLength: 3 }))
        .map(([personal, open, cleared]) => change({ personal, ...open, cleared })),
      weight: 4,
    },
    fc.constantFrom(...ERASURE_REASONS).map((reason): CustomerCommand => ({
      type: 'EraseCustomer',
      data: { customerId, reason },
    })),
  );
  fc.assert(
    fc.property(fc.array(anyCommand, { maxLength: 12 }), (commands) => {
      const written: string[] = [];
      for (const { command, before, after, decision, events } of run(
        customer,
        commands.map((command) => ({ command, at: NOON })),
      )) {
        written.push(...events.map(({ type }) => type));
        if (before.status === 'erased') expect(events).toEqual([]);
        if (before.status === 'none' && command.type !== 'RegisterCustomer') expect(decision.outcome).toBe('rejected');
        for (const event of events) {
          expect(event.data).toEqual(command.data);
          if (event.type !== 'CustomerChanged') continue;
          const { personal, cleared = [], customerId: _, ...open } = event.data;
          const named = [...Object.keys(personal), ...Object.keys(open), ...cleared];
          expect(new Set(named).size).toBe(named.length);
          expect(named.length).toBeGreaterThan(0);
        }
        expect(JSON.stringify(after)).not.toContain('SEALED');
      }
      expect(written.join(' ')).toMatch(/^(CustomerRegistered( CustomerChanged)*( CustomerErased)?)?$/);
    }),
  );
});
