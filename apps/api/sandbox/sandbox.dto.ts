import { ApiProperty } from '@nestjs/swagger';
import { Field, type FieldType } from '../validation/field.js';
import { oneOf } from '../validation/field-types.js';

const REFERENCE = /^[A-Za-z0-9_]{1,128}$/;
const referenceLike = (example: string): FieldType => ({
  name: 'reference',
  check: (value) => typeof value === 'string' && REFERENCE.test(value),
  message: 'must be a name that the sandbox gave: 1 to 128 of A-Z a-z 0-9 _',
  schema: { type: 'string', pattern: REFERENCE.source },
  example,
});
const AUTHENTICATIONS = ['succeeded', 'failed'] as const;
const DISPUTE_ENDS = ['won', 'lost'] as const;

export class AuthenticationPath {
  @Field(referenceLike('pi_sandbox_0f0b2c5e8f0e5d0a9c112f5b8a6e4d03'), {
    description: 'The `reference` of the authorization that requires an action.',
  })
  reference!: string;
}

export class DisputePath {
  @Field(referenceLike('dp_sandbox_0f0b2c5e8f0e5d0a9c112f5b8a6e4d03'), { description: 'The `disputeId`.' })
  disputeId!: string;
}

export class CompleteAuthenticationBody {
  @Field(oneOf('authenticationOutcome', AUTHENTICATIONS), { description: 'What the customer did.' })
  outcome!: (typeof AUTHENTICATIONS)[number];
}

export class EndDisputeBody {
  @Field(oneOf('disputeOutcome', DISPUTE_ENDS), {
    description: '`won`: the money is ours again; `lost`: the customer keeps it.',
  })
  outcome!: (typeof DISPUTE_ENDS)[number];
}

export class PlayedBody {
  @ApiProperty({ enum: ['played'] })
  object!: 'played';
  @ApiProperty({ example: 'pi_sandbox_0f0b2c5e8f0e5d0a9c112f5b8a6e4d03' })
  reference!: string;
  @ApiProperty({ enum: [...AUTHENTICATIONS, ...DISPUTE_ENDS] })
  outcome!: string;
}
