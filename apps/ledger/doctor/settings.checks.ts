import {
  type Config,
  ConfigError,
  type ConfigProblem,
  type Environment,
  readConfig,
  redacted,
} from '../../../src/infrastructure/config/config.js';
import { fail, type Finding, ok } from './finding.js';

/**
 * `config`   of what is right of the settings
 * `problems` what is not, and is left out of `config`
 */
export type Settings = Readonly<{ config: Config; problems: readonly ConfigProblem[]; findings: readonly Finding[] }>;

/** A finding for each setting, secrets left out, whether or not a ledger could start with them. */
export function checkSettings(env: Environment): Settings {
  const { config, problems } = readWhatIsRight(env);
  const values = Object.entries(redacted(config)).filter(
    ([setting]) => !problems.some((problem) => problem.setting === setting),
  );
  const right = values.map(([setting, value]) => ok(setting, env[setting] ? value : `${value} (not set)`));
  const wrong = problems.map(({ setting, message }) =>
    fail(setting, message, 'Mend it where it is set: in the environment, or in .env. Nothing starts until then.'),
  );
  return { config, problems, findings: [...right, ...wrong] };
}

function readWhatIsRight(env: Environment): Pick<Settings, 'config' | 'problems'> {
  try {
    return { config: readConfig(env), problems: [] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const wrong = new Set(error.problems.map(({ setting }) => setting));
    const right = Object.fromEntries(Object.entries(env).filter(([name]) => !wrong.has(name)));
    return { config: readConfig(right), problems: error.problems };
  }
}
