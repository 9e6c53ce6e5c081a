import type { Command } from 'commander';
import type { Environment } from '../../src/infrastructure/config/config.js';
import { systemClock } from '../../src/infrastructure/clock.js';
import { examine, type Section } from './doctor/examine.js';
import type { Finding } from './doctor/finding.js';
import type { Output } from './output.js';
import type { Runner } from './runner.js';

const HELP = `
Checks what the settings choose, each engine by itself and in time, whether or not a ledger runs, and changes nothing:
  settings     every one, secrets left out
  data folder  that it can be written, free disk            (for the embedded engines)
  log          embedded: rights, format, size and WAL, that it is append-only, that no other program locks it
               EventStoreDB: reachable, version, clock, leader, that this user may read $all and append
  views        embedded: rights, format, size and WAL, that no other program locks them
               MongoDB: reachable, version and kind, clock, rights, free disk, indexes, collections left over
  payments     sandbox: rights, format, what it has still to tell
               Stripe: reachable, that it takes the key and lets it read all that is needed, mode, webhook secret
  keys         of personal data: rights, format, how many; --deep: that every customer in the log has one, and nobody
               who was erased
  followers    how far each view is behind and who follows the log for it, leases that have expired, views of other
               versions and of other logs

Every line is ok, warn (works, but look at it) or fail, and under what is not ok stands what to do.
The exit code is 1 if anything failed. --deep reads the embedded files whole, which takes seconds for each GB.`;

export function registerDoctor(program: Command, runner: Runner, env: Environment, output: Output): void {
  program
    .command('doctor')
    .description('check every engine, and say what to do about each finding')
    .option('--deep', 'also read the embedded engines’ files whole, looking for damage')
    .option('--json', 'print one line of JSON')
    .addHelpText('after', HELP)
    .action((options: { deep?: true; json?: true }) => runner.guard(() => doctor(options, env, output)));
}

async function doctor(
  { deep = false, json = false }: { deep?: boolean; json?: boolean },
  env: Environment,
  output: Output,
) {
  const sections = await examine({ env, deep, now: () => systemClock.now() });
  const failed = count(sections, 'fail');
  if (json) output.json({ ok: failed === 0, sections });
  else for (const line of describeSections(sections)) output.line(line);
  return failed === 0 ? 0 : 1;
}

export function describeSections(sections: readonly Section[]): string[] {
  const width = Math.max(...sections.flatMap(({ findings }) => findings.map(({ check }) => check.length)));
  const lines = sections.flatMap(({ name, engine, findings }) => [
    engine === undefined ? name : `${name}: ${engine}`,
    ...findings.flatMap((finding) => describeFinding(finding, width)),
    '',
  ]);
  const [failed, warned] = [count(sections, 'fail'), count(sections, 'warn')];
  const all = failed + warned === 0 ? 'All is well.' : `${failed} failed, ${warned} to look at.`;
  return [...lines, all];
}

function describeFinding({ verdict, check, found, todo }: Finding, width: number): string[] {
  const line = `  ${verdict.padEnd(4)}  ${check.padEnd(width)}  ${found}`;
  return todo === undefined ? [line] : [line, `        → ${todo}`];
}

const count = (sections: readonly Section[], wanted: Finding['verdict']): number =>
  sections.flatMap(({ findings }) => findings).filter(({ verdict }) => verdict === wanted).length;
