import { Body, Controller, Get, Header, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { SANDBOX_BANK, type Played, type SandboxBank } from '../../../src/application/ports/sandbox-bank.js';
import { ApiProblems } from '../api-docs.js';
import { RequestRefused } from '../problems.js';
import type { ProblemCode } from '../problems.js';
import { authenticationPage } from './authentication-page.js';
import {
  AuthenticationPath,
  CompleteAuthenticationBody,
  DisputePath,
  EndDisputeBody,
  PlayedBody,
} from './sandbox.dto.js';

const LATER = 'It is told to the ledger as a provider tells it, a moment later. Done again the same way, it is done.';
const PLAYING: readonly ProblemCode[] = [
  'request-invalid',
  'body-malformed',
  'body-too-large',
  'media-type-unsupported',
  'sandbox-object-unknown',
  'sandbox-object-ended',
  'sandbox-unavailable',
];

/** What happens outside of the ledger while payments are with the sandbox; not there at all while they are with Stripe. */
@ApiTags('Sandbox')
@Controller('v1/sandbox')
export class SandboxController {
  constructor(@Inject(SANDBOX_BANK) private readonly bank: SandboxBank) {}

  @Get('authentications/:reference')
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    operationId: 'showAuthentication',
    summary: "The bank's page, where a customer approves a payment (3-D Secure)",
    description: 'Where the `nextActionUrl` of a payment that requires an action leads to.',
  })
  @ApiResponse({ status: 200, description: 'A page.', content: { 'text/html': { schema: { type: 'string' } } } })
  @ApiProblems('request-invalid', 'sandbox-object-unknown', 'sandbox-unavailable')
  page(@Param() { reference }: AuthenticationPath): string {
    const authentication = this.bank.authentication(reference);
    if (!authentication) throw new RequestRefused({ code: 'sandbox-object-unknown' });
    return authenticationPage(authentication);
  }

  @Post('authentications/:reference/complete')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'completeAuthentication',
    summary: 'Play the customer: approve a payment, or refuse it',
    description: LATER,
  })
  @ApiResponse({ status: 200, description: 'The bank has taken it down, durably.', type: PlayedBody })
  @ApiProblems(...PLAYING)
  complete(@Param() { reference }: AuthenticationPath, @Body() { outcome }: CompleteAuthenticationBody): PlayedBody {
    return played(this.bank.authenticate(reference, outcome), reference, outcome);
  }

  @Post('disputes/:disputeId/end')
  @HttpCode(200)
  @ApiOperation({ operationId: 'endDispute', summary: 'Play the bank: end a dispute', description: LATER })
  @ApiResponse({ status: 200, description: 'The bank has taken it down, durably.', type: PlayedBody })
  @ApiProblems(...PLAYING)
  end(@Param() { disputeId }: DisputePath, @Body() { outcome }: EndDisputeBody): PlayedBody {
    return played(this.bank.endDispute(disputeId, outcome), disputeId, outcome);
  }
}

function played(how: Played, reference: string, outcome: string): PlayedBody {
  if (how === 'absent') throw new RequestRefused({ code: 'sandbox-object-unknown' });
  if (how === 'too-late') throw new RequestRefused({ code: 'sandbox-object-ended' });
  return { object: 'played', reference, outcome };
}
