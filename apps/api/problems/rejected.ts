import type { PlaceOrderRejection } from '../../../src/application/order/catalog-prices.js';
import type { CustomerRejection } from '../../../src/domain/customer/customer.commands.js';
import type { CreditNoteRejection } from '../../../src/domain/credit-note/credit-note.commands.js';
import type { JournalRejection } from '../../../src/domain/journal/journal.commands.js';
import type { OrderRejection } from '../../../src/domain/order/order.commands.js';
import type { PaymentRejection } from '../../../src/domain/payment/payment.commands.js';
import type { ProductRejection } from '../../../src/domain/product/product.commands.js';
import type { StockRejection } from '../../../src/domain/stock/stock.commands.js';
import { creditNoteRows } from './credit-note-rows.js';
import { customerRows } from './customer-rows.js';
import { orderRows } from './order-rows.js';
import type { FieldError, Rows } from './row.js';

/** Everything that a decider or a use case may answer no with. */
export type AnyRejection =
  | ProductRejection
  | StockRejection
  | OrderRejection
  | PlaceOrderRejection
  | PaymentRejection
  | CreditNoteRejection
  | CustomerRejection
  | JournalRejection;

/** `list` names the list that `line` counts in; a draft's lines are in no list of the request. */
type AtLine = { line?: number; list?: 'addLines' | 'draft' };

/** The business said no; nothing was written. 404: there is no such thing; 409: not in its present state; 422: never. */
export const rejected = {
  'product-unknown': {
    status: 404,
    title: 'No such product',
    meaning: 'No product has been listed under this SKU.',
    remedy: 'Check the SKU (upper case), or list the product first.',
    example: {},
  },
  'product-already-listed': {
    status: 409,
    title: 'Product is already listed',
    meaning: 'The SKU belongs to a product that was listed before. A SKU is never given twice.',
    remedy: 'Change the price of the listed product, or choose another SKU.',
    example: {},
  },
  'product-discontinued': {
    status: 409,
    title: 'Product is discontinued',
    meaning: 'The product has been taken out of the catalog and can no longer be changed.',
    remedy: 'List its successor under a new SKU.',
    example: {},
  },
  'price-malformed': {
    status: 422,
    title: 'Price is not a decimal',
    meaning: 'A price per unit is not a decimal in major units of up to 12 digits and 8 decimals.',
    remedy: 'Send decimal text such as `"2.55"`.',
    example: { line: 1 },
    errors: (problem) => atLine(problem, 'unitPrice', 'is not a decimal'),
  },
  'price-negative': {
    status: 422,
    title: 'Price is negative',
    meaning: 'A price per unit is below zero.',
    remedy: 'Give a price of zero or more. Money that goes back to a customer is a credit note, not a negative line.',
    example: { line: 2 },
    errors: (problem) => atLine(problem, 'unitPrice', 'must not be negative'),
  },
  'price-repeated': {
    status: 422,
    title: 'Two prices in one currency',
    meaning: 'A product has at most one list price per currency, and the request gave more.',
    remedy: 'Send one price per currency.',
    example: { currency: 'GBP' },
    detail: ({ currency }) => `There is more than one price in ${currency}.`,
    errors: ({ currency }) => [{ pointer: '/prices', detail: `has more than one price in ${currency}` }],
  },
  'currency-unknown': {
    status: 422,
    title: 'Currency is not known',
    meaning: 'A currency is not a code of ISO 4217 that has a minor unit.',
    remedy: 'Use the alphabetic code in upper case.',
    example: { currency: 'XXX' },
    detail: ({ currency }) => `${currency} is no currency of ISO 4217.`,
  },
  'quantity-not-whole': {
    status: 422,
    title: 'Quantity must be whole',
    meaning: 'A quantity has a fraction. The ledger counts whole units.',
    remedy: 'Sell in smaller units: grams instead of kilograms.',
    example: { line: 1 },
    errors: (problem) => atLine(problem, 'quantity', 'must be a whole number'),
  },
  'quantity-not-positive': {
    status: 422,
    title: 'Quantity must be positive',
    meaning: 'A quantity is zero or less.',
    remedy: 'Give a whole number of units, 1 or more.',
    example: { line: 1 },
    errors: (problem) => atLine(problem, 'quantity', 'must be 1 or more'),
  },
  'quantity-too-large': {
    status: 422,
    title: 'Quantity is too large',
    meaning: 'A quantity, or what it would add up to with what is there, is beyond 1,000,000,000 units.',
    remedy: 'Check the number. If it is right, divide it.',
    example: { line: 1 },
    errors: (problem) => atLine(problem, 'quantity', 'is too large'),
  },
  'delta-zero': {
    status: 422,
    title: 'Adjustment of nothing',
    meaning: 'A stock adjustment has to change the stock by at least one unit.',
    remedy: 'Send a positive delta for units that were found, a negative one for units that are missing.',
    example: {},
    errors: () => [{ pointer: '/delta', detail: 'must not be zero' }],
  },
  'on-hand-too-large': {
    status: 422,
    title: 'Stock would be too large',
    meaning: 'The movement would leave more units on the shelf than one may hold.',
    remedy: 'Check the number: at most `allowed` units may lie on one shelf.',
    example: { allowed: 1_000_000_000_000 },
    detail: ({ allowed }) => `At most ${allowed} units may lie on one shelf.`,
  },
  'insufficient-stock': {
    status: 409,
    title: 'Not enough stock',
    meaning: 'Fewer units are available than were asked for. Promised units are not available to others.',
    remedy: 'Ask for at most `available` units, wait for a delivery, or release a reservation.',
    example: { available: 1, requested: 2 },
    detail: ({ available, requested }) => `${available} available, ${requested} requested.`,
  },
  'count-below-promised': {
    status: 409,
    title: 'Count is below what is promised',
    meaning:
      'The count found fewer units than are allocated or reserved, and the backorder limit does not allow for as many ' +
      'to be short. Somebody would not get what was promised without being told.',
    remedy: 'Release or ship reservations first, or set a backorder limit of at least `promised` less `counted`.',
    example: { counted: 3, promised: 5 },
    detail: ({ counted, promised }) => `${counted} counted, ${promised} promised.`,
  },
  'count-negative': {
    status: 422,
    title: 'Count is negative',
    meaning: 'A count found fewer than no units.',
    remedy: 'Give the number of units that were found, 0 or more.',
    example: {},
    errors: () => [{ pointer: '/counted', detail: 'must be 0 or more' }],
  },
  'insufficient-damaged-stock': {
    status: 409,
    title: 'Not enough damaged units',
    meaning: 'Fewer damaged units lie there than would be written off.',
    remedy: 'Write off at most `damaged` units. Units that broke on the shelf are an adjustment.',
    example: { damaged: 1, requested: 2 },
    detail: ({ damaged, requested }) => `${damaged} damaged, ${requested} requested.`,
  },
  'backorder-limit-negative': {
    status: 422,
    title: 'Backorder limit is negative',
    meaning: 'A backorder limit is 0 (no backorders) or the most units that may be promised beyond those on hand.',
    remedy: 'Give 0 or more.',
    example: {},
    errors: () => [{ pointer: '/limit', detail: 'must be 0 or more' }],
  },
  'reservation-unknown': {
    status: 404,
    title: 'No such reservation',
    meaning: 'No reservation with this id was made for this SKU at this location.',
    remedy: 'Check the id, the SKU and the location against the answer to the reserve command.',
    example: { reservationId: 'rsv_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03' },
  },
  'reservation-expired': {
    status: 409,
    title: 'Reservation has expired',
    meaning: 'The reservation was not used before its `expiresAt`; its units are available to everybody again.',
    remedy: 'Reserve again.',
    example: { reservationId: 'rsv_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03' },
  },
  'reservation-closed': {
    status: 409,
    title: 'Reservation is closed',
    meaning: 'The reservation has been released, or all its units have been shipped.',
    remedy: 'Reserve again if units are still needed.',
    example: { reservationId: 'rsv_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03' },
  },
  'reservation-committed': {
    status: 409,
    title: 'Reservation is committed',
    meaning: 'A committed reservation does not expire, so there is nothing to extend.',
    remedy: 'Nothing needs to be done; it ends when it is shipped or released.',
    example: { reservationId: 'rsv_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03' },
  },
  'reservation-id-reused': {
    status: 422,
    title: 'Reservation id is already used',
    meaning: 'Another reservation on this shelf has the same id.',
    remedy: 'Use a fresh `Idempotency-Key`; the reservation id is derived from it.',
    example: { reservationId: 'rsv_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03' },
  },
  'reservation-in-fulfilment': {
    status: 409,
    title: 'Reservation belongs to an order',
    meaning: 'The ledger made it for an order that it fulfils, and moves it as that order goes on.',
    remedy: 'Ship the order, cancel units of it, or cancel it: the reservation follows.',
    example: {
      reservationId: 'ful_ord_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03',
      orderId: 'ord_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03',
    },
  },
  'reservation-exceeded': {
    status: 409,
    title: 'More than was reserved',
    meaning: 'The command would ship more units than the reservation still holds.',
    remedy: 'Ship at most `reserved` units under this reservation, the rest without one.',
    example: { reserved: 3, requested: 5 },
    detail: ({ reserved, requested }) => `${reserved} reserved, ${requested} requested.`,
  },
  'reservation-backordered': {
    status: 409,
    title: 'Reserved units are not on hand',
    meaning:
      'Some units of the reservation are backordered. What is on hand goes to committed reservations in the order of ' +
      'commitment, then to the others, the oldest first.',
    remedy: 'Ship at most `covered` units now, the rest when more have arrived.',
    example: { covered: 1, requested: 3 },
    detail: ({ covered, requested }) => `${covered} on hand for it, ${requested} requested.`,
  },
  'expiry-malformed': {
    status: 422,
    title: 'Expiry is not a time',
    meaning: 'The `expiresAt` of a reservation is not a time of RFC 3339 in UTC.',
    remedy: 'Send for example `2026-03-01T12:30:00Z`.',
    example: {},
    errors: () => [{ pointer: '/expiresAt', detail: 'is not a time' }],
  },
  'expiry-not-ahead': {
    status: 422,
    title: 'Reservation would have expired already',
    meaning: 'The `expiresAt` of a reservation is not after the time at which it was asked for.',
    remedy: 'Send an `expiresAt` in the future, and check the clock of the machine that sends it.',
    example: { expiresAt: '2026-01-01T00:00:00.000Z' },
    errors: () => [{ pointer: '/expiresAt', detail: 'must be in the future' }],
  },
  'expiry-not-later': {
    status: 422,
    title: 'Reservation already lasts longer',
    meaning: 'A reservation can be extended, not shortened.',
    remedy: 'Send a time after its present `expiresAt`, or release it.',
    example: { expiresAt: '2026-03-01T12:30:00.000Z' },
    detail: ({ expiresAt }) => `It lasts until ${expiresAt}.`,
    errors: () => [{ pointer: '/expiresAt', detail: 'is before the present expiry' }],
  },
  'transfer-id-reused': {
    status: 422,
    title: 'Transfer id is already used',
    meaning: 'Another transfer of this shelf has the same id.',
    remedy: 'Use a fresh id for another transfer.',
    example: { transferId: 'trf_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03' },
  },
  'transfer-unknown': {
    status: 404,
    title: 'No such transfer',
    meaning: 'The location that the units should come from has not sent a transfer of this SKU with this id.',
    remedy: 'Check `from` and `transferId` against the transfer that was sent.',
    example: { transferId: 'trf_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03' },
  },
  'transfer-differs': {
    status: 409,
    title: 'Transfer was sent otherwise',
    meaning: 'What arrives has to be what was sent: the same number of units, at the location that they were sent to.',
    remedy:
      'Receive all `sent` units at `to`, then adjust the stock there, with the reason, by what is missing or broken.',
    example: { transferId: 'trf_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03', to: 'york', sent: 5 },
    detail: ({ to, sent }) => `${sent} units were sent to ${to}.`,
  },
  'transfer-within-location': {
    status: 422,
    title: 'Transfer to where it is',
    meaning: 'A transfer leads from one location to another.',
    remedy: 'Name another location.',
    example: { location: 'main' },
  },
  'order-unknown': {
    status: 404,
    title: 'No such order',
    meaning: 'No order has been placed under this id.',
    remedy: 'Check the id against the answer to the command that placed the order.',
    example: {},
  },
  'order-already-placed': {
    status: 409,
    title: 'Order is already placed',
    meaning: 'An order with this id exists.',
    remedy: 'Use a fresh `Idempotency-Key`; the order id is derived from it.',
    example: {},
  },
  'order-cancelled': {
    status: 409,
    title: 'Order is cancelled',
    meaning: 'A cancelled order stays as it is.',
    remedy: 'Place a new order.',
    example: {},
  },
  'order-not-confirmed': {
    status: 409,
    title: 'Order is not confirmed',
    meaning: 'Only a confirmed order can be shipped, delivered and completed.',
    remedy: 'Confirm the order first.',
    example: {},
  },
  'order-already-shipped': {
    status: 409,
    title: 'Order has shipped',
    meaning: 'Something of the order has left the house, so it can no longer be cancelled or edited.',
    remedy: 'Cancel lines that have not shipped, or have the goods returned.',
    example: {},
  },
  ...orderRows,
  ...customerRows,
  'order-empty': {
    status: 422,
    title: 'Order without lines',
    meaning: 'An order has at least one line.',
    remedy: 'Send the lines.',
    example: {},
    errors: () => [{ pointer: '/lines', detail: 'must not be empty' }],
  },
  'nothing-to-ship': {
    status: 409,
    title: 'Nothing left to ship',
    meaning: 'Every unit of the order that was not cancelled has been shipped.',
    remedy: 'Nothing needs to be done.',
    example: {},
  },
  'nothing-to-return': {
    status: 409,
    title: 'Nothing to return',
    meaning: 'The request names no units that could come back.',
    remedy: 'Name the lines and the units that came back.',
    example: {},
  },
  'too-many-lines': {
    status: 422,
    title: 'Too many lines',
    meaning: 'The document has more lines than one may have.',
    remedy: 'Divide it: at most `allowed` lines each.',
    example: { allowed: 5_000 },
    detail: ({ allowed }) => `At most ${allowed} lines are allowed.`,
  },
  'total-too-large': {
    status: 422,
    title: 'Total is too large',
    meaning: 'A line or the sum of the lines is beyond what a ledger amount can hold.',
    remedy: 'Check quantities and prices. If they are right, divide the document.',
    example: {},
  },
  'line-unknown': {
    status: 422,
    title: 'No such order line',
    meaning: 'The order has no line with this number. Lines count 1, 2, 3 … in the order in which they were placed.',
    remedy: 'Read the order and use its line numbers.',
    example: { line: 4 },
    detail: ({ line }) => `The order has no line ${line}.`,
  },
  'exceeds-ordered': {
    status: 409,
    title: 'More than was ordered',
    meaning: 'More units of a line would be shipped than are left to ship.',
    remedy: 'Ship at most `remaining` units of the line.',
    example: { line: 1, remaining: 2, requested: 3 },
    detail: ({ line, remaining, requested }) => `Line ${line}: ${remaining} left to ship, ${requested} requested.`,
  },
  'exceeds-shipped': {
    status: 409,
    title: 'More than was shipped',
    meaning:
      'More units of a line would come back than were shipped and have neither come back nor been asked for by a return.',
    remedy: 'Return at most `remaining` units of the line.',
    example: { line: 1, remaining: 1, requested: 2 },
    detail: ({ line, remaining, requested }) => `Line ${line}: ${remaining} can come back, ${requested} requested.`,
  },
  'line-product-unknown': {
    status: 422,
    title: 'A line names an unknown product',
    meaning: 'A goods line names a SKU under which no product is listed.',
    remedy: 'Check the SKU, or list the product first. Postage and services are lines of kind `charge`.',
    example: { line: 1, sku: 'TEAPOT-RED' },
    detail: ({ line, sku }) => `Line ${line}: there is no product ${sku}.`,
    errors: (problem) => atLine(problem, 'sku', 'is not a listed product'),
  },
  'line-product-discontinued': {
    status: 409,
    title: 'A line names a discontinued product',
    meaning: 'A goods line names a product that is no longer sold.',
    remedy: 'Take the line out, or name the successor.',
    example: { line: 1, sku: 'TEAPOT-RED' },
    detail: ({ line, sku }) => `Line ${line}: ${sku} is discontinued.`,
    errors: (problem) => atLine(problem, 'sku', 'is discontinued'),
  },
  'line-price-missing': {
    status: 422,
    title: 'A line has no price',
    meaning:
      'A line says no `unitPrice`, and there is no list price to take its place: the product has none in the currency ' +
      'of the order, or the line is a charge or a voucher.',
    remedy: 'Send the `unitPrice` of the line, or give the product a list price in that currency.',
    example: { line: 1, sku: 'TEAPOT-RED', currency: 'EUR' },
    detail: ({ line, sku, currency }) => `Line ${line}: ${sku} has no list price in ${currency}.`,
    errors: (problem) => atLine(problem, 'unitPrice', 'is missing, and there is no list price'),
  },
  'payment-unknown': {
    status: 404,
    title: 'No such payment',
    meaning: 'No payment has been recorded under this id.',
    remedy: 'Check the id, or record the payment first.',
    example: {},
  },
  'payment-already-recorded': {
    status: 409,
    title: 'Payment is already recorded',
    meaning: 'A payment with this id exists.',
    remedy: 'Use another id for another payment.',
    example: {},
  },
  'amount-not-positive': {
    status: 422,
    title: 'Amount must be positive',
    meaning: 'An amount is zero or less.',
    remedy: 'Give a positive amount; what it does is said by the command, or by the side of the leg.',
    example: { leg: 1 },
  },
  'amount-too-large': {
    status: 422,
    title: 'Amount is too large',
    meaning: 'An amount, or the sum of one side of a posting, is beyond what a ledger amount can hold.',
    remedy: 'Check the number. If it is right, divide it.',
    example: { leg: 1 },
  },
  'currency-mismatch': {
    status: 422,
    title: 'Currency differs',
    meaning:
      'The amount is in another currency than the payment, or than the order that is paid. One order never mixes two.',
    remedy: 'Use the currency `expected`.',
    example: { expected: 'GBP' },
    detail: ({ expected }) => `It has to be in ${expected}.`,
  },
  'exceeds-due': {
    status: 422,
    title: 'More than the order comes to',
    meaning: 'One payment would be of more than is due for the whole order: its total without what was cancelled.',
    remedy: 'Pay at most `due`. Where the order has grown, read it again; what is missing can be another payment.',
    example: { due: { minor: 510n, currency: 'GBP' } },
  },
  'refund-id-reused': {
    status: 422,
    title: 'Refund id is already used',
    meaning: 'The payment has a refund with this id, of another amount or for another reason.',
    remedy: 'Use another id for another refund.',
    example: { refundId: 'rf_1', recorded: { minor: 1299n, currency: 'GBP' }, reason: 'Broken on arrival' },
  },
  'exceeds-captured': {
    status: 409,
    title: 'More than was paid',
    meaning: 'The refunds, pending ones counted, would add up to more than was paid and is not disputed.',
    remedy: 'Refund at most `remaining`.',
    example: { remaining: { minor: 1299n, currency: 'GBP' } },
  },
  'exceeds-authorized': {
    status: 409,
    title: 'More than is authorized',
    meaning: 'The captures, pending ones counted, would add up to more than the authorization.',
    remedy: 'Capture at most `remaining`.',
    example: { remaining: { minor: 1299n, currency: 'GBP' } },
  },
  'payment-settled-elsewhere': {
    status: 409,
    title: 'Payment was settled elsewhere',
    meaning: 'The payment was recorded as it was settled elsewhere, so there is no provider to ask.',
    remedy: 'Settle it where it was taken, and record what was done.',
    example: {},
  },
  'payment-with-provider': {
    status: 409,
    title: 'Payment is with a provider',
    meaning: 'A refund of a payment that a provider carries out is asked of that provider, not only written down.',
    remedy: 'Use the refund of the payment.',
    example: {},
  },
  'payment-already-authorized': {
    status: 409,
    title: 'Payment is already authorized',
    meaning: 'The money is held already, or has been taken.',
    remedy: 'Capture it, or void it first.',
    example: {},
  },
  'payment-not-authorized': {
    status: 409,
    title: 'Payment is not authorized',
    meaning:
      'No money is held that could be taken. `authorization` says where the newest authorization stands; `released`: the ' +
      'provider let go of what a capture left of it.',
    remedy: 'Wait while it is pending or requires an action of the customer. Otherwise authorize the payment again.',
    example: { authorization: 'requires-action' },
    detail: ({ authorization }) => `The newest authorization: ${authorization}.`,
  },
  'nothing-to-void': {
    status: 409,
    title: 'Nothing to void',
    meaning: 'No money is held that could be let go of. `authorization` says where the newest authorization stands.',
    remedy: 'Refund what was captured.',
    example: { authorization: 'voided' },
    detail: ({ authorization }) => `The newest authorization: ${authorization}.`,
  },
  'operation-pending': {
    status: 409,
    title: 'An operation is pending',
    meaning: 'What became of an earlier operation of this payment is not known yet, so this one cannot be decided.',
    remedy: 'Wait for the outcome of `operationId`, and ask again with a fresh `Idempotency-Key`.',
    example: { operationId: 'op_1' },
  },
  'operation-id-reused': {
    status: 422,
    title: 'Operation id is already used',
    meaning: 'The payment has an operation with this id, with other content.',
    remedy: 'Use another id for another operation.',
    example: { operationId: 'op_1' },
  },
  'operation-unknown': {
    status: 404,
    title: 'No such operation',
    meaning: 'The payment has no operation with this id.',
    remedy: 'Check the id.',
    example: { operationId: 'op_1' },
  },
  ...creditNoteRows,
  'journal-already-posted': {
    status: 409,
    title: 'Journal is already posted',
    meaning: 'A posting with this id exists. A posting is never changed, only reversed by another.',
    remedy: 'Use another id for another posting.',
    example: {},
  },
  'too-few-legs': {
    status: 422,
    title: 'Too few legs',
    meaning: 'A posting has at least two legs.',
    remedy: 'Say which account is debited and which is credited.',
    example: {},
  },
  'too-many-legs': {
    status: 422,
    title: 'Too many legs',
    meaning: 'The posting has more legs than one may have.',
    remedy: 'Divide it: at most `allowed` legs each.',
    example: { allowed: 5_000 },
    detail: ({ allowed }) => `At most ${allowed} legs are allowed.`,
  },
  'journal-unbalanced': {
    status: 422,
    title: 'Debits and credits differ',
    meaning: 'In every currency, the debits of a posting add up to its credits.',
    remedy: 'Correct the amounts.',
    example: { currency: 'GBP', debitMinor: 1000n, creditMinor: 900n },
    detail: ({ currency, debitMinor, creditMinor }) =>
      `In ${currency}, debits are ${debitMinor} and credits ${creditMinor} minor units.`,
  },
} satisfies Rows<AnyRejection>;

/** Lines of a document are sent as a list, so line 1 is `/lines/0`. A command without lines has the field itself. */
function atLine({ line, list }: AtLine, field: string, detail: string): readonly FieldError[] {
  if (list === 'draft') return [];
  return [{ pointer: line === undefined ? `/${field}` : `/${list ?? 'lines'}/${line - 1}/${field}`, detail }];
}
