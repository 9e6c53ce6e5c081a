import { outputTo } from '../../apps/ledger/output.js';
import type { Section } from '../../apps/ledger/doctor/examine.js';
import type { Followed } from '../../src/infrastructure/follower/intake.js';
import { providerEventsFollower } from '../../src/infrastructure/processes/provider-events.js';
import { projections } from '../../src/projections/index.js';
import type { Finding } from '../../apps/ledger/doctor/finding.js';
import { ledger } from '../../apps/ledger/program.js';
import type { Environment } from '../../src/infrastructure/config/config.js';
import { text } from 'node:stream/consumers';
import { PassThrough } from 'node:stream';

/** What `ledger doctor --json` said. */
export class Diagnosis {
  constructor(
    readonly exitCode: number,
    readonly sections: readonly Section[],
  ) {}

  /** The finding of a check; of several, the first. */
  finding(section: string, check: string): Finding | undefined {
    return this.sections.find(({ name }) => name === section)?.findings.find((finding) => finding.check === check);
  }

  /** What is not well, in short. */
  get complaints(): readonly string[] {
    return this.sections.flatMap(({ name, findings }) =>
      findings.filter(({ verdict }) => verdict !== 'ok').map(({ verdict, check }) => `${verdict}: ${name}, ${check}`),
    );
  }
}

export async function diagnose(env: Environment, ...options: string[]): Promise<Diagnosis> {
  const { exitCode, out } = await runDoctor(env, '--json', ...options);
  const { ok, sections } = JSON.parse(out) as { ok: boolean; sections: readonly Section[] };
  if (ok !== (exitCode === 0)) throw new Error(`ok is ${ok}, and the exit code ${exitCode}`);
  return new Diagnosis(exitCode, sections);
}

export async function runDoctor(env: Environment, ...options: string[]) {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const output = outputTo(out, err as unknown as NodeJS.WriteStream);
  const exitCode = await ledger(['doctor', ...options], env, output, 'test');
  out.end();
  err.end();
  return { exitCode, out: await text(out), err: await text(err) };
}

/** Everything that follows the log of a ledger without NATS. */
export const everyFollower: readonly Followed[] = [...projections, providerEventsFollower];
