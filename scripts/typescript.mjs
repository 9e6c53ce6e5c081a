/**
 * Lets Node run our TypeScript as it stands, without a build: `node --import ./scripts/typescript.mjs bench/….ts`.
 * For benches and for the child processes of tests; the product itself runs from `dist/`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformSync } from '@swc/core';

const configFile = join(dirname(fileURLToPath(import.meta.url)), '..', '.swcrc');

registerHooks({
  /** Imports name `x.js`, as they will be built; here there is only `x.ts`. */
  resolve(specifier, context, nextResolve) {
    if (specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL?.startsWith('file:')) {
      const typescript = fileURLToPath(new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL));
      if (existsSync(typescript)) return nextResolve(pathToFileURL(typescript).href, context);
    }
    return nextResolve(specifier, context);
  },
  load(url, context, nextLoad) {
    if (!url.startsWith('file:') || !url.endsWith('.ts')) return nextLoad(url, context);
    const filename = fileURLToPath(url);
    const { code } = transformSync(readFileSync(filename, 'utf8'), { filename, configFile, sourceMaps: 'inline' });
    return { format: 'module', source: code, shortCircuit: true };
  },
});
