import type { Step } from '../../apps/ledger/online-retail/import/plan.js';

/** A command as HTTP takes it. */
export type CommandRequest = Readonly<{ path: string; body: object }>;
/** The ids that the API gave to the orders and payments of the file. */
export type IdOf = (ofFile: string) => string;

/**
 * What a client of the API sends for a command of the importer. It says no times, and codes only as SKUs: how the document
 * wrote them (`writtenAs`) is not asked for over HTTP.
 */
export function requestOf(step: Step, idOf: IdOf): CommandRequest {
  switch (step.of) {
    case 'product':
      return { path: '/v1/products', body: step.command.data };
    case 'stock':
      return stockRequest(step, idOf);
    case 'order':
      return orderRequest(step, idOf);
    case 'payment':
      return paymentRequest(step, idOf);
    case 'creditNote': {
      const { lines, ...head } = step.command.data;
      const asked = lines.map(({ origins, writtenAs: _, ...line }) => ({
        ...line,
        ...(origins && { origins: origins.map((origin) => ({ ...origin, orderId: idOf(origin.orderId) })) }),
      }));
      return { path: '/v1/credit-notes', body: { ...head, lines: asked } };
    }
    case 'journal': {
      const legs = step.command.data.legs.map(({ account, side, amount }) => ({ account, side, ...asText(amount) }));
      return { path: '/v1/journals', body: { ...step.command.data, legs } };
    }
  }
}

const STOCK_ACTIONS: Readonly<Record<string, string>> = {
  ReceiveStock: 'receive',
  ShipStock: 'ship',
  ReturnStock: 'return',
  AdjustStock: 'adjust',
};

const ORDER_ACTIONS: Readonly<Record<string, string>> = {
  ConfirmOrder: 'confirm',
  ShipOrder: 'ship',
  ReturnOrder: 'return',
};

function stockRequest({ command }: Step & { of: 'stock' }, idOf: IdOf): CommandRequest {
  const { sku, location, ...body } = command.data;
  const action = STOCK_ACTIONS[command.type];
  if (action === undefined) throw new Error(`The importer does not plan ${command.type}`);
  const named = 'reference' in body && body.reference !== undefined ? { reference: idOf(body.reference) } : {};
  return { path: `/v1/stock/${sku}/${location}/${action}`, body: { ...body, ...named } };
}

function orderRequest({ command }: Step & { of: 'order' }, idOf: IdOf): CommandRequest {
  if (command.type === 'PlaceOrder') {
    const { orderId: _, lines, ...head } = command.data;
    return { path: '/v1/orders', body: { ...head, lines: lines.map(({ writtenAs: __, ...line }) => line) } };
  }
  const { orderId, ...body } = command.data;
  const action = ORDER_ACTIONS[command.type];
  if (action === undefined) throw new Error(`The importer does not plan ${command.type}`);
  return { path: `/v1/orders/${idOf(orderId)}/${action}`, body };
}

function paymentRequest({ command }: Step & { of: 'payment' }, idOf: IdOf): CommandRequest {
  if (command.type === 'RecordPayment') {
    const { orderId, method, amount } = command.data;
    return { path: '/v1/recorded-payments', body: { orderId: idOf(orderId), method, ...asText(amount) } };
  }
  if (command.type !== 'RefundPayment') throw new Error(`The importer does not plan ${command.type}`);
  const { paymentId, amount, ...body } = command.data;
  return { path: `/v1/recorded-payments/${idOf(paymentId)}/refund`, body: { ...body, ...asText(amount) } };
}

const asText = ({ minor, currency }: Readonly<{ minor: bigint; currency: string }>) => ({
  minor: minor.toString(),
  currency,
});
