import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { v5, validate, version } from 'uuid';
import { eventId, orderIdFor, reservationIdFor } from '../../src/application/ids.js';

test('an event id is fixed by stream, command id and index', () => {
  const id = eventId('order-1', 'c-1', 0);
  expect(id).toBe('a6b64254-5d58-56aa-9c77-a24f496a8211');
  expect(version(id)).toBe(5);
  expect(
    new Set([id, eventId('order-2', 'c-1', 0), eventId('order-1', 'c-2', 0), eventId('order-1', 'c-1', 1)]).size,
  ).toBe(4);
});

test('an event id is the UUIDv5 that others would make of it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), fc.nat(), (stream, commandId, index) => {
      const theirs = v5(`${stream}\n${commandId}\n${index}`, 'b3c6d3f0-6a53-4f0e-9a57-0c1f5a7c2f6e');
      expect(eventId(stream, commandId, index)).toBe(theirs);
    }),
  );
});

test('a minted id is a UUID, the same for the same command id, and differs by kind', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (commandId) => {
      const id = orderIdFor(commandId);
      expect(id).toMatch(/^ord_/);
      expect(validate(id.slice(4))).toBe(true);
      expect(version(id.slice(4))).toBe(8);
      expect(orderIdFor(commandId)).toBe(id);
      expect(reservationIdFor(commandId).slice(4)).not.toBe(id.slice(4));
    }),
  );
});

test('a UUIDv7 passes its time on, in either case, so that new streams lie together', () => {
  const id = orderIdFor('019a0b1c-2d3e-7f40-8a5b-6c7d8e9fa0b1');
  expect(id).toMatch(/^ord_019a0b1c-2d3e-8/);
  expect(orderIdFor('019A0B1C-2D3E-7F40-8A5B-6C7D8E9FA0B1')).toMatch(/^ord_019a0b1c-2d3e-8/);
  expect(orderIdFor('019a0b1c-2d3e-7f40-8a5b-6c7d8e9fa0b2')).not.toBe(id);
});
