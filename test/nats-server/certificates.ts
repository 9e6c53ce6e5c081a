import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@jest/globals';

/** `openssl`, or `undefined`, said aloud, and in CI a failure. Called once while a test file is loaded. */
export function hasOpenssl(): boolean {
  if (spawnSync('openssl', ['version']).status === 0) return true;
  const message = 'TLS WAS NOT TESTED: there is no openssl to make certificates with';
  console.error(message);
  (process.env.CI ? test : test.skip)('TLS', () => {
    throw new Error(message);
  });
  return false;
}

/** The files of a certificate and its key, in PEM. */
export type Certificate = Readonly<{ cert: string; key: string }>;

/** Certificates for an hour or so, all in `folder`: an authority, and what it, or another authority, has signed. */
export class Authority {
  private constructor(
    private readonly folder: string,
    private readonly name: string,
    readonly own: Certificate,
  ) {}

  static make(folder: string, name = 'authority'): Authority {
    const own = { cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
    const subject = ['-subj', `/CN=${name}`, '-days', '1', '-addext', 'basicConstraints=critical,CA:TRUE'];
    openssl('req', '-x509', ...NEW_KEY, own.key, '-out', own.cert, ...subject);
    return new Authority(folder, name, own);
  }

  /** @param altName as in `IP:127.0.0.1`, `DNS:nats.example` */
  sign(name: string, altName: string): Certificate {
    const at = (ending: string) => join(this.folder, `${this.name}-${name}.${ending}`);
    const [cert, key, request, extensions] = [at('pem'), at('key'), at('csr'), at('ext')];
    openssl('req', ...NEW_KEY, key, '-out', request, '-subj', `/CN=${name}`);
    writeFileSync(extensions, `subjectAltName=${altName}\n`);
    const signed = ['-CA', this.own.cert, '-CAkey', this.own.key, '-CAcreateserial', '-extfile', extensions];
    openssl('x509', '-req', '-in', request, '-out', cert, '-days', '1', ...signed);
    return { cert, key };
  }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout'];

function openssl(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
}
