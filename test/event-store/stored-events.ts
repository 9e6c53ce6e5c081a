import type { LedgerEvent } from '../../src/domain/ledger.events.js';

/** The current versions of those that have more than one, each with what the newest added. */
export const NEWER: { readonly [Type in LedgerEvent['type']]?: Readonly<{ version: number; json: string }> } = {
  StockReserved: {
    version: 2,
    json: '{"sku":"85123A","location":"main","reservationId":"r1","quantity":6,"expiresAt":"2010-12-01T08:26:00.000Z","backordered":2}',
  },
  ReservationReleased: {
    version: 2,
    json: '{"sku":"85123A","location":"main","reservationId":"r1","quantity":6,"committed":true,"reason":"paid too late"}',
  },
  StockShipped: {
    version: 2,
    json: '{"sku":"85123A","location":"main","quantity":6,"reservationId":"r1","committed":true}',
  },
  StockTransferredOut: {
    version: 2,
    json: '{"sku":"85123A","location":"main","transferId":"t1","to":"york","quantity":2,"arrives":"at-once"}',
  },
  CaptureRequested: {
    version: 2,
    json: '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","authorizationReference":"pi_1","provider":"stripe","amount":{"minor":"999","currency":"GBP"},"isFinal":"no"}',
  },
  CaptureSucceeded: {
    version: 2,
    json: '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","reference":"ch_1","amount":{"minor":"999","currency":"GBP"},"authorizationReference":"pi_1","capturable":{"minor":"1000","currency":"GBP"}}',
  },
  RefundRequested: {
    version: 2,
    json: '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1.2","authorizationReference":"pi_2","provider":"stripe","amount":{"minor":"999","currency":"GBP"},"reason":"broken","partOf":"op_1"}',
  },
  ProviderEventReceived: {
    version: 2,
    json:
      '{"provider":"stripe","eventId":"evt_1","eventType":"payment_intent.succeeded","mode":"test","objectType":"payment_intent",' +
      '"objectId":"pi_1","isFinal":"yes","news":{"what":"captured","reference":"ch_1","paymentId":"pay_1","operationId":"op_1",' +
      '"authorizationReference":"pi_1","amount":{"minor":"1999","currency":"GBP"},"capturable":{"minor":"0","currency":"GBP"}},"bodySha256":"x"}',
  },
  StockReturned: { version: 2, json: '{"sku":"85123A","location":"main","quantity":1,"condition":"damaged"}' },
  OrderPlaced: {
    version: 2,
    json:
      '{"orderId":"o1","fulfilFrom":"main","currency":"GBP","lines":[{"line":1,"kind":"goods","sku":"85123A","quantity":6,"unitPrice":"2.55","minor":"1530"}],' +
      '"adjustments":[{"kind":"discount","code":"SPRING","name":"Spring sale","minor":"-100","allocations":[{"line":1,"minor":"-100"}]}],"totalMinor":"1430",' +
      '"paymentMethod":"pm_card_visa"}',
  },
  OrderCancelled: {
    version: 2,
    json:
      '{"orderId":"o1","fulfilFrom":"main","currency":"GBP","lines":[{"line":1,"kind":"goods","sku":"85123A","quantity":6,"unitPrice":"2.55","minor":"1530"}],' +
      '"adjustments":[{"kind":"discount","code":"SPRING","name":"Spring sale","minor":"-100","allocations":[{"line":1,"minor":"-100"}]}],"totalMinor":"1430","reason":"r"}',
  },
  OrderConfirmed: { version: 2, json: '{"orderId":"o1","fulfilFrom":"main"}' },
  OrderShipped: { version: 2, json: '{"orderId":"o1","lines":[{"line":1,"quantity":6}],"fulfilFrom":"main"}' },
  OrderReturned: {
    version: 2,
    json: '{"orderId":"o1","lines":[{"line":1,"quantity":6}],"creditNoteId":"c1","fulfilFrom":"main"}',
  },
};

/** As logs hold them, in every build since. A line may be added here, never changed. */
export const STORED: { readonly [Type in LedgerEvent['type']]: string } = {
  ProductListed: '{"sku":"85123A","name":"HEART","prices":[{"amount":"2.55","currency":"GBP"}]}',
  PriceChanged: '{"sku":"85123A","price":{"amount":"0.001","currency":"GBP"}}',
  ProductDiscontinued: '{"sku":"85123A"}',
  StockReceived: '{"sku":"85123A","location":"main","reference":"r","quantity":6}',
  StockAdjusted: '{"sku":"85123A","location":"main","delta":-6,"reason":"damaged"}',
  StockReserved:
    '{"sku":"85123A","location":"main","reservationId":"r1","quantity":6,"expiresAt":"2010-12-01T08:26:00.000Z"}',
  ReservationReleased: '{"sku":"85123A","location":"main","reservationId":"r1","quantity":6}',
  StockShipped: '{"sku":"85123A","location":"main","reference":"536365","quantity":6,"reservationId":"r1"}',
  StockReturned: '{"sku":"85123A","location":"main","quantity":1000000000}',
  StockCounted: '{"sku":"85123A","location":"main","reference":"r","counted":4,"delta":-2,"reason":"yearly"}',
  ReservationExtended:
    '{"sku":"85123A","location":"main","reservationId":"r1","quantity":6,"expiresAt":"2010-12-01T08:26:00.000Z"}',
  ReservationExpired:
    '{"sku":"85123A","location":"main","reservationId":"r1","quantity":6,"expiresAt":"2010-12-01T08:26:00.000Z"}',
  ReservationCommitted: '{"sku":"85123A","location":"main","reservationId":"r1","quantity":6}',
  DamagedStockWrittenOff: '{"sku":"85123A","location":"main","reference":"r","quantity":1,"reason":"scrapped"}',
  StockTransferredOut:
    '{"sku":"85123A","location":"main","transferId":"t1","to":"york","quantity":2,"reason":"demand"}',
  StockTransferredIn: '{"sku":"85123A","location":"york","transferId":"t1","from":"main","quantity":2}',
  BackorderPolicySet: '{"sku":"85123A","location":"main","limit":0}',
  OrderPlaced:
    '{"orderId":"536365","customerId":"17850","country":"United Kingdom","channel":"web","currency":"GBP","lines":[' +
    '{"line":1,"kind":"goods","sku":"85123A","quantity":6,"unitPrice":"2.55","minor":"1530","name":"HEART","writtenAs":"85123a"},' +
    '{"line":2,"kind":"charge","sku":"POST","quantity":1,"unitPrice":"18","minor":"1800"}],' +
    '"totalMinor":"3330","documentDay":"2010-12-01"}',
  OrderConfirmed: '{"orderId":"536365"}',
  OrderRiskAssessed: '{"orderId":"o1","decision":"review","assessor":"rules@1","reasons":["A large order"]}',
  OrderRiskReviewed: '{"orderId":"o1","decision":"accept","reason":"known customer"}',
  OrderCancelled:
    '{"orderId":"536365","currency":"GBP","lines":[{"line":1,"kind":"voucher","sku":"GIFT","quantity":1,' +
    '"unitPrice":"10","minor":"1000"}],"totalMinor":"1000","reason":"changed mind"}',
  OrderDrafted:
    '{"orderId":"o1","customerId":"17850","country":"France","channel":"web","currency":"GBP","lines":[{"line":1,"sku":"85123A",' +
    '"quantity":6,"kind":"goods","unitPrice":"2.55","name":"HEART"},{"line":2,"sku":"POST","quantity":1}],' +
    '"adjustments":[{"kind":"shipping","code":"DHL","name":"DHL Paket","minor":"490"}],"expiresAt":"2010-12-01T08:26:00.000Z"}',
  DraftChanged:
    '{"orderId":"o1","customerId":"17850","country":"France","channel":"web","set":[{"line":3,"sku":"85123A","quantity":6}],' +
    '"removed":[2],"adjustments":[],"expiresAt":"2010-12-01T08:26:00.000Z"}',
  DraftDiscarded: '{"orderId":"o1","reason":"bought elsewhere"}',
  OrderRejected:
    '{"orderId":"o1","currency":"GBP","lines":[{"line":1,"kind":"goods","sku":"85123A","quantity":6,"unitPrice":"2.55",' +
    '"minor":"1530"}],"totalMinor":"1530","code":"card_declined","reason":"no"}',
  OrderLinesCancelled:
    '{"orderId":"o1","currency":"GBP","lines":[{"line":2,"kind":"goods","sku":"85123A","quantity":1,"unitPrice":"2.55",' +
    '"minor":"255"}],"adjustments":[{"kind":"tax","code":"VAT","minor":"51","allocations":[{"line":2,"minor":"51"}]}],' +
    '"totalMinor":"306","reason":"sold out"}',
  OrderEdited:
    '{"orderId":"o1","currency":"GBP","lines":[{"line":2,"kind":"goods","sku":"85123A","quantity":1,"unitPrice":"2.55",' +
    '"minor":"255"}],"totalMinor":"255","before":{"lines":[{"line":1,"kind":"goods","sku":"85123A","quantity":6,' +
    '"unitPrice":"2.55","minor":"1530"}],"totalMinor":"1530"},"reason":"asked for"}',
  OrderDelivered: '{"orderId":"o1","lines":[{"line":1,"quantity":6}]}',
  OrderCompleted: '{"orderId":"o1"}',
  ReturnRequested: '{"orderId":"o1","returnId":"ret_1","lines":[{"line":1,"quantity":6}],"reason":"too big"}',
  ReturnReceived:
    '{"orderId":"o1","returnId":"ret_1","currency":"GBP","lines":[{"line":1,"kind":"goods","sku":"85123A","quantity":6,' +
    '"condition":"damaged","minor":"1530"}],"totalMinor":"1530"}',
  OrderShipped: '{"orderId":"536365","lines":[{"line":1,"quantity":6}]}',
  OrderReturned: '{"orderId":"536365","lines":[{"line":1,"quantity":1}],"creditNoteId":"C536379"}',
  PaymentRecorded:
    '{"paymentId":"p1","orderId":"536365","amount":{"minor":"9223372036854775808","currency":"GBP"},"method":"card"}',
  PaymentRefunded:
    '{"paymentId":"p1","orderId":"536365","refundId":"r1","amount":{"minor":"1","currency":"JPY"},"reason":"broken"}',
  PaymentInitiated:
    '{"paymentId":"pay_1","orderId":"ord_1","amount":{"minor":"1999","currency":"GBP"},"method":"pm_card_visa","provider":"sandbox"}',
  AuthorizationRequested:
    '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","amount":{"minor":"1999","currency":"GBP"},"method":"pm_card_visa","provider":"stripe"}',
  AuthorizationSucceeded:
    '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","reference":"pi_1","amount":{"minor":"1999","currency":"GBP"},"expiresAt":"2026-03-08T12:00:00.000Z"}',
  AuthorizationFailed:
    '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","code":"card_declined","reason":"no","declineCode":"lost_card","reference":"pi_1"}',
  ActionRequired:
    '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","reference":"pi_1","nextActionUrl":"https://hooks.stripe.com/3d"}',
  AuthorizationExpired: '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","reference":"pi_1"}',
  CaptureRequested:
    '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","authorizationReference":"pi_1","provider":"stripe","amount":{"minor":"1999","currency":"GBP"}}',
  CaptureSucceeded:
    '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","reference":"ch_1","amount":{"minor":"1999","currency":"GBP"},"authorizationReference":"pi_1"}',
  CaptureFailed:
    '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","code":"expired","reason":"no","amount":{"minor":"1999","currency":"GBP"}}',
  VoidRequested:
    '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","authorizationReference":"pi_1","provider":"stripe","reason":"cancelled"}',
  VoidSucceeded: '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","reference":"pi_1"}',
  VoidFailed: '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","code":"captured","reason":"no"}',
  RefundRequested:
    '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","authorizationReference":"pi_1","provider":"stripe","amount":{"minor":"1999","currency":"GBP"},"reason":"broken"}',
  RefundSucceeded:
    '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","reference":"re_1","amount":{"minor":"1999","currency":"GBP"},"reason":"broken","authorizationReference":"pi_1"}',
  RefundFailed:
    '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","code":"lost","reason":"no","amount":{"minor":"1999","currency":"GBP"}}',
  RefundReversed:
    '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","code":"expired_or_canceled_card","reason":"no","amount":{"minor":"1999","currency":"GBP"},"reference":"re_1"}',
  OutcomeContradicted:
    '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","code":"failed","reason":"no","operation":"capture"}',
  DisputeOpened:
    '{"paymentId":"pay_1","orderId":"ord_1","disputeId":"dp_1","amount":{"minor":"1999","currency":"GBP"},"reason":"fraudulent"}',
  DisputeWon: '{"paymentId":"pay_1","orderId":"ord_1","disputeId":"dp_1","amount":{"minor":"1999","currency":"GBP"}}',
  DisputeLost: '{"paymentId":"pay_1","orderId":"ord_1","disputeId":"dp_1","amount":{"minor":"1999","currency":"GBP"}}',
  ProviderEventReceived:
    '{"provider":"stripe","eventId":"evt_1","eventType":"charge.dispute.created","mode":"test","objectType":"dispute",' +
    '"objectId":"dp_1","isFinal":"no","news":{"what":"dispute-opened","reference":"dp_1","paymentId":"pay_1",' +
    '"operationId":"op_1","authorizationReference":"pi_1","amount":{"minor":"1999","currency":"GBP"},"code":"c",' +
    '"declineCode":"d","reason":"fraudulent","nextActionUrl":"https://hooks.stripe.com/3d",' +
    '"expiresAt":"2026-03-08T12:00:00.000Z"},"bodySha256":"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"}',
  CreditNoteIssued:
    '{"creditNoteId":"C536379","customerId":"14527","country":"France","currency":"GBP","lines":[{"line":1,' +
    '"kind":"discount","sku":"D","quantity":1,"unitPrice":"27.5","minor":"2750","name":"Discount","writtenAs":"d",' +
    '"origins":[{"orderId":"536365","line":1,"quantity":1}]}],"totalMinor":"2750","reason":"discount","documentDay":"2010-12-01"}',
  JournalPosted:
    '{"journalId":"A563185","description":"Adjust bad debt","legs":[' +
    '{"account":"revenue:bad-debts","side":"debit","amount":{"minor":"1106206","currency":"GBP"}},' +
    '{"account":"assets:receivables","side":"credit","amount":{"minor":"1106206","currency":"GBP"}}],' +
    '"product":"B","customerId":"1","country":"United Kingdom","documentDay":"2011-08-12"}',
  CustomerRegistered:
    '{"customerId":"cus_1","personal":{"name":"1.1.a","email":"1.1.b","phone":"1.1.c","addresses":"1.1.d"},' +
    '"country":"France","language":"fr","segment":"wholesale"}',
  CustomerChanged:
    '{"customerId":"cus_1","personal":{},"country":"Spain","language":"es","segment":"retail","cleared":["email","addresses"]}',
  CustomerErased: '{"customerId":"cus_1","reason":"consent-withdrawn"}',
};
