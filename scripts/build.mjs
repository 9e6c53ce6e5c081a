/**
 * Builds `dist/` with `nest build`. `npm run build` always builds; `ensureBuilt` only when `dist/` was not made from
 * exactly the sources that are here now.
 *
 * What `dist/` was made from is told by a hash of the contents, not by times: clocks lie, and git sets times as it
 * likes. A build goes to a folder of its own and is renamed into place when it is whole, so that a build that was cut
 * short, or two at once, never leave half of one.
 */
import './check-node.mjs';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');
const dist = join(root, 'dist');
const NEST = join(root, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js');

/** All that decides what a build looks like: sources, compiler settings, and the compiler itself by its locked version. */
const SOURCES = ['src', 'apps'];
const SETTINGS = ['.swcrc', 'nest-cli.json', 'tsconfig.json', 'package.json', 'package-lock.json', 'scripts/build.mjs'];
const STAMP = '.build.json';

/** The build failed, or cannot begin. `message` says why in plain words; `output` is what the compiler said. */
export class BuildFailed extends Error {
  constructor(message, output = '') {
    super(message);
    this.output = output;
  }
}

/**
 * Builds when `dist/` is not what the sources make.
 * @param note called with one line when a build begins
 * @throws BuildFailed
 */
export async function ensureBuilt(note) {
  const hash = await hashOfInputs();
  if ((await stampOf(dist)) === hash) return;
  note('Building …');
  await build(hash);
}

async function build(hash) {
  if (!existsSync(NEST)) throw new BuildFailed('The packages are not installed. Run "npm ci" first.');
  await removeLeftovers();
  const staged = join(root, `.dist-${process.pid}`);
  await rm(staged, { recursive: true, force: true });
  await mkdir(staged);
  try {
    await compile(staged);
    await writeFile(join(staged, STAMP), JSON.stringify({ hash }));
    await putInPlace(staged, hash);
  } finally {
    await rm(staged, { recursive: true, force: true });
  }
}

/** `nest build` with the project's own settings, into another folder. */
async function compile(folder) {
  const settings = JSON.parse(await readFile(join(root, 'nest-cli.json'), 'utf8'));
  settings.compilerOptions.deleteOutDir = false;
  settings.compilerOptions.builder.options.outDir = relative(root, folder);
  const settingsFile = join(folder, '.nest-cli.json');
  await writeFile(settingsFile, JSON.stringify(settings));
  const { code, output } = await run([NEST, 'build', '--config', relative(root, settingsFile)]);
  await rm(settingsFile);
  if (code !== 0) throw new BuildFailed('The build failed:', output);
}

async function run(args) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  child.stderr.on('data', (chunk) => chunks.push(chunk));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  return { code, output: Buffer.concat(chunks).toString() };
}

/** Another process may do the same at the same time: whoever comes second finds the work done, or does it over. */
async function putInPlace(staged, hash) {
  const old = `${staged}-old`;
  for (let attempt = 1; ; attempt++) {
    try {
      if (existsSync(dist)) await rename(dist, old);
      await rename(staged, dist);
      break;
    } catch (error) {
      if ((await stampOf(dist)) === hash) break;
      if (attempt === 20 || !['ENOENT', 'ENOTEMPTY', 'EEXIST', 'EPERM'].includes(error.code)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      await rm(old, { recursive: true, force: true });
    }
  }
}

/** What builds left behind that were killed: folders that carry the id of a process that is no more. */
async function removeLeftovers() {
  for (const name of await readdir(root)) {
    const pid = /^\.dist-(\d+)/.exec(name)?.[1];
    if (pid && !isAlive(Number(pid))) await rm(join(root, name), { recursive: true, force: true });
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

async function stampOf(folder) {
  try {
    return JSON.parse(await readFile(join(folder, STAMP), 'utf8')).hash;
  } catch {
    return undefined; // no stamp, or half of one: not a whole build
  }
}

async function hashOfInputs() {
  const trees = await Promise.all(SOURCES.map((folder) => readdir(join(root, folder), { recursive: true })));
  const sources = trees.flatMap((names, n) => names.map((name) => join(SOURCES[n], name)));
  const files = [...sources.filter((name) => name.endsWith('.ts')), ...SETTINGS].sort();
  const hash = createHash('sha256');
  for (const file of files) {
    const content = await readFile(join(root, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** Prints a failed build in plain words. Anything else is a defect and keeps its stack. */
export function explain(error) {
  if (!(error instanceof BuildFailed)) throw error;
  process.stderr.write([error.message, error.output.trim()].filter(Boolean).join('\n') + '\n');
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await hashOfInputs().then(build).catch(explain);
}
