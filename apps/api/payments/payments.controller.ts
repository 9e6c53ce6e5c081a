import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CommandContext } from '../../../src/application/command-context.js';
import { operationIdFor, paymentIdFor } from '../../../src/application/ids.js';
import { InitiatePayment } from '../../../src/application/payment/initiate-payment.js';
import { PAYMENT_SETTINGS, type PaymentSettings } from '../../../src/application/payment/payment-settings.js';
import { FindPayments, GetPayment } from '../../../src/application/payment/payments.query.js';
import { RunPayment } from '../../../src/application/payment/run-payment.handler.js';
import type { Money } from '../../../src/domain/money.js';
import type { PaymentCommand } from '../../../src/domain/payment/payment.commands.js';
import { ApiCommand, ApiRead } from '../api-docs.js';
import type { ReceiptBody } from '../bodies.js';
import { Commands } from '../commands.js';
import { NOT_LIVE } from '../orders/asked.js';
import { Queries } from '../queries.js';
import {
  AuthorizePaymentBody,
  CapturePaymentBody,
  InitiatePaymentBody,
  PaymentBody,
  PaymentListBody,
  PaymentPath,
  PaymentQuery,
  PaymentsQuery,
  RefundPaymentBody,
  VoidPaymentBody,
  type AmountBody,
} from './payment.dto.js';
import { presentPayment } from './payment.presenter.js';

const LATER = 'The provider is asked afterwards; read the payment for the outcome.';

@ApiTags('Payments')
@Controller('v1/payments')
export class PaymentsController {
  constructor(
    private readonly commands: Commands,
    private readonly queries: Queries,
    @Inject(PAYMENT_SETTINGS) private readonly settings: PaymentSettings,
  ) {}

  @Post()
  @ApiCommand({
    id: 'initiatePayment',
    summary: 'Begin a payment of an order',
    description:
      'The order has been placed and stands, and one payment is of no more than is due for all of it; several may be needed. ' +
      'Nothing is asked of the provider yet.',
    creates: 'The payment is there, and may be authorized.',
    problems: [...NOT_LIVE, 'currency-mismatch', 'exceeds-due', 'amount-too-large'],
  })
  initiate(
    @Body() body: InitiatePaymentBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    const context = this.commands.contextOf(request);
    const paymentId = paymentIdFor(context.commandId);
    const { orderId, method } = body;
    const data = { paymentId, orderId, amount: moneyOf(body), method, provider: this.settings.provider };
    return this.commands.run(new InitiatePayment(data, context), reply, paymentId, `/v1/payments/${paymentId}`);
  }

  @Post(':paymentId/authorize')
  @HttpCode(200)
  @ApiBody({ type: AuthorizePaymentBody, required: false })
  @ApiCommand({
    id: 'authorizePayment',
    summary: 'Hold the money',
    description: LATER,
    problems: ['payment-unknown', 'payment-settled-elsewhere', 'operation-pending', 'payment-already-authorized'],
  })
  authorize(
    @Param() { paymentId }: PaymentPath,
    @Body() _body: AuthorizePaymentBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    return this.#run(request, reply, (operationId) => ({
      type: 'RequestAuthorization',
      data: { paymentId, operationId },
    }));
  }

  @Post(':paymentId/capture')
  @HttpCode(200)
  @ApiCommand({
    id: 'capturePayment',
    summary: 'Take all or part of the money that is held',
    description: LATER,
    problems: [
      'payment-unknown',
      'payment-settled-elsewhere',
      'payment-not-authorized',
      'operation-pending',
      'exceeds-authorized',
      'currency-mismatch',
    ],
  })
  capture(
    @Param() { paymentId }: PaymentPath,
    @Body() body: CapturePaymentBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    return this.#run(request, reply, (operationId) => ({
      type: 'RequestCapture',
      data: { paymentId, operationId, amount: moneyOf(body), ...(body.isFinal && { isFinal: body.isFinal }) },
    }));
  }

  @Post(':paymentId/void')
  @HttpCode(200)
  @ApiBody({ type: VoidPaymentBody, required: false })
  @ApiCommand({
    id: 'voidPayment',
    summary: 'Let go of the money that is held and was not taken',
    description: LATER,
    problems: ['payment-unknown', 'payment-settled-elsewhere', 'operation-pending', 'nothing-to-void'],
  })
  void(
    @Param() { paymentId }: PaymentPath,
    @Body() { reason }: VoidPaymentBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    return this.#run(request, reply, (operationId) => ({
      type: 'RequestVoid',
      data: { paymentId, operationId, ...(reason === undefined ? {} : { reason }) },
    }));
  }

  @Post(':paymentId/refund')
  @HttpCode(200)
  @ApiCommand({
    id: 'refundPayment',
    summary: 'Give back all or part of what was taken, with a reason',
    description: `What was taken under several authorizations is given back in as many parts. ${LATER}`,
    problems: ['payment-unknown', 'payment-settled-elsewhere', 'exceeds-captured', 'currency-mismatch'],
  })
  refund(
    @Param() { paymentId }: PaymentPath,
    @Body() body: RefundPaymentBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    return this.#run(request, reply, (operationId) => ({
      type: 'RequestRefund',
      data: { paymentId, operationId, amount: moneyOf(body), reason: body.reason },
    }));
  }

  @Get()
  @ApiRead({ id: 'listPayments', summary: 'Payments: all by order, or of one', answer: PaymentListBody, list: true })
  find(
    @Query() query: PaymentsQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PaymentListBody> {
    const freshness = this.queries.freshness(query, request, reply);
    const ask = (page: ConstructorParameters<typeof FindPayments>[1]) =>
      new FindPayments(query.orderId, page, freshness);
    return this.queries.list(ask, query, presentPayment, request, reply);
  }

  @Get(':paymentId')
  @ApiRead({ id: 'getPayment', summary: 'One payment', answer: PaymentBody, problems: ['payment-unknown'] })
  get(
    @Param() { paymentId }: PaymentPath,
    @Query() query: PaymentQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    const payment = new GetPayment(paymentId, this.queries.freshness(query, request, reply));
    return this.queries.one(payment, { code: 'payment-unknown' }, presentPayment, request, reply);
  }

  /** The id of the operation follows from the command's: a repeated request names the same one. */
  #run(
    request: FastifyRequest,
    reply: FastifyReply,
    commandOf: (operationId: string) => PaymentCommand,
  ): Promise<ReceiptBody> {
    const context: CommandContext = this.commands.contextOf(request);
    const operationId = operationIdFor(context.commandId);
    return this.commands.run(new RunPayment(commandOf(operationId), context), reply, operationId);
  }
}

const moneyOf = ({ minor, currency }: AmountBody): Money => ({ minor: BigInt(minor), currency });
