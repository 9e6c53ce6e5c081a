import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiBody, ApiHeader, ApiOperation, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { PAYMENT_SETTINGS, type PaymentSettings } from '../../../src/application/payment/payment-settings.js';
import { ReceiveProviderEvent } from '../../../src/application/payment/receive-provider-event.js';
import { CLOCK, type Clock } from '../../../src/application/ports/clock.js';
import type { ProviderEvent } from '../../../src/domain/provider-event/provider-event.events.js';
import { ApiProblems } from '../api-docs.js';
import { RequestRefused } from '../problems.js';

export class WebhookReceivedBody {
  @ApiProperty({ enum: ['webhook'] })
  object!: 'webhook';
  @ApiProperty({ description: "The provider's id of the event.", example: 'evt_1NG8Du2eZvKYlo2CUI79vXWy' })
  eventId!: string;
}

@ApiTags('Payments')
@Controller('v1/webhooks')
export class StripeWebhookController {
  constructor(
    private readonly bus: CommandBus,
    @Inject(PAYMENT_SETTINGS) private readonly settings: PaymentSettings,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post('stripe')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'receiveStripeWebhook',
    summary: 'Where Stripe tells what happened',
    description:
      'For Stripe alone: the body has to be signed with the secret of the endpoint. It is recorded, once per event, and ' +
      'applied afterwards; an event of a type that means nothing here is recorded as well.',
  })
  @ApiHeader({
    name: 'Stripe-Signature',
    required: true,
    schema: { type: 'string', example: 't=1492774577,v1=5257a8…' },
  })
  @ApiBody({ schema: { type: 'object', description: 'An event: docs.stripe.com/api/events/object.' } })
  @ApiResponse({ status: 200, description: 'Recorded in the log, durably.', type: WebhookReceivedBody })
  @ApiProblems(
    'webhook-signature-invalid',
    'webhook-not-configured',
    'body-malformed',
    'body-too-large',
    'media-type-unsupported',
    'concurrency-conflict',
    'log-unavailable',
  )
  async receive(@Req() request: FastifyRequest): Promise<WebhookReceivedBody> {
    const data = await this.#read(request);
    const occurredAt = new Date(this.clock.now()).toISOString();
    const context = { principal: 'provider:stripe', occurredAt, correlationId: request.id };
    await this.bus.execute(new ReceiveProviderEvent(data, context));
    return { object: 'webhook', eventId: data.eventId };
  }

  async #read({ body, headers }: FastifyRequest): Promise<ProviderEvent['data']> {
    const { webhookSecrets } = this.settings;
    if (webhookSecrets.length === 0) throw new RequestRefused({ code: 'webhook-not-configured' });
    // Loaded with the first webhook: a ledger without Stripe does not need it.
    const stripe = await import('../../../src/infrastructure/payments/stripe/stripe-webhook.js');
    const signature = headers['stripe-signature'];
    const raw = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
    try {
      const one = typeof signature === 'string' ? signature : undefined;
      return stripe.readStripeWebhook(raw, one, webhookSecrets, this.clock.now());
    } catch (error) {
      if (error instanceof stripe.SignatureInvalid) throw new RequestRefused({ code: 'webhook-signature-invalid' });
      if (!(error instanceof stripe.WebhookMalformed)) throw error;
      throw new RequestRefused({ code: 'body-malformed', reason: error.message });
    }
  }
}
