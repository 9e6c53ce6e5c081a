import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { paymentsView, type PaymentDocument } from '../../projections/payments.view.js';
import type { Stored } from '../../projections/projection.js';
import type { Page } from '../ports/view-store.js';
import type { PageRequest } from '../views/page-request.js';
import { ViewReader, type Answer, type Freshness } from '../views/view-reader.js';

/** All payments by order, or those of one. */
export class FindPayments extends Query<Answer<Page<PaymentDocument>>> {
  constructor(
    readonly orderId: string | undefined,
    readonly page: PageRequest,
    readonly freshness: Freshness,
  ) {
    super();
  }
}

@QueryHandler(FindPayments)
export class FindPaymentsHandler implements IQueryHandler<FindPayments> {
  constructor(private readonly reader: ViewReader) {}

  execute({ orderId, page, freshness }: FindPayments): Promise<Answer<Page<PaymentDocument>>> {
    const walk = { index: 'order', ...(orderId === undefined ? {} : { prefix: [orderId] }), ...page };
    return this.reader.read(paymentsView, freshness, (views) => views.find(paymentsView, walk));
  }
}

export class GetPayment extends Query<Answer<Stored<PaymentDocument> | undefined>> {
  constructor(
    readonly paymentId: string,
    readonly freshness: Freshness,
  ) {
    super();
  }
}

@QueryHandler(GetPayment)
export class GetPaymentHandler implements IQueryHandler<GetPayment> {
  constructor(private readonly reader: ViewReader) {}

  execute({ paymentId, freshness }: GetPayment): Promise<Answer<Stored<PaymentDocument> | undefined>> {
    return this.reader.read(paymentsView, freshness, (views) => views.get(paymentsView, paymentId));
  }
}
