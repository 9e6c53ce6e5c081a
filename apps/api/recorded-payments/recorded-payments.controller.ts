import { Body, Controller, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { paymentIdFor, refundIdFor } from '../../../src/application/ids.js';
import { RecordPayment } from '../../../src/application/payment/record-payment.js';
import { RunPayment } from '../../../src/application/payment/run-payment.handler.js';
import { ApiCommand } from '../api-docs.js';
import type { ReceiptBody } from '../bodies.js';
import { Commands } from '../commands.js';
import { PaymentPath } from '../payments/payment.dto.js';
import { RecordPaymentBody, RefundRecordedPaymentBody } from './recorded-payment.dto.js';

/** Payments that were settled elsewhere (cash, a bank transfer, another system): nothing is asked of a provider. */
@ApiTags('Payments')
@Controller('v1/recorded-payments')
export class RecordedPaymentsController {
  constructor(private readonly commands: Commands) {}

  @Post()
  @ApiCommand({
    id: 'recordPayment',
    summary: 'Write down a payment of an order that was settled elsewhere',
    description:
      'The order has been placed; it may have been cancelled since. It is read, like every payment, at ' +
      '`/v1/payments/{paymentId}`.',
    creates: 'The payment is recorded.',
    problems: ['order-unknown', 'order-not-placed', 'draft-discarded', 'currency-mismatch', 'amount-too-large'],
  })
  record(
    @Body() { minor, currency, orderId, method }: RecordPaymentBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    const context = this.commands.contextOf(request);
    const paymentId = paymentIdFor(context.commandId);
    const data = { paymentId, orderId, amount: { minor: BigInt(minor), currency }, method };
    return this.commands.run(new RecordPayment(data, context), reply, paymentId, `/v1/payments/${paymentId}`);
  }

  @Post(':paymentId/refund')
  @HttpCode(200)
  @ApiCommand({
    id: 'refundRecordedPayment',
    summary: 'Write down that all or part of it was given back, with a reason',
    problems: ['payment-unknown', 'payment-with-provider', 'refund-id-reused', 'exceeds-captured', 'currency-mismatch'],
  })
  refund(
    @Param() { paymentId }: PaymentPath,
    @Body() { minor, currency, reason, refundId: given }: RefundRecordedPaymentBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    const context = this.commands.contextOf(request);
    const refundId = given ?? refundIdFor(context.commandId);
    const data = { paymentId, refundId, amount: { minor: BigInt(minor), currency }, reason };
    return this.commands.run(new RunPayment({ type: 'RefundPayment', data }, context), reply, refundId);
  }
}
