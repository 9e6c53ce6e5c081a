import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { RequestRefused } from '../problems.js';
import type { FieldError } from '../problems/row.js';
import { checkOf, type Check, type Violation } from './compile.js';

type Dto = abstract new (...args: never[]) => object;

/**
 * Holds every body, query and set of path parameters against the DTO class that the controller names.
 * What passes is handed on as it is, without a copy. A request without a body is one with an empty object.
 * @throws RequestRefused with everything that is wrong
 */
export class ValidationPipe implements PipeTransform<unknown, unknown> {
  readonly #checks = new Map<Dto, Check>();

  transform(value: unknown, { metatype, type }: ArgumentMetadata): unknown {
    if (type === 'custom') return value;
    if (!metatype) throw new Error(`A ${type} parameter of a controller has no DTO class`);
    const checked = value === undefined ? {} : value;
    const violations = this.#check(metatype as Dto)(checked);
    if (violations.length === 0) return checked;
    throw new RequestRefused({
      code: 'request-invalid',
      errors: violations.map(type === 'body' ? inBody : inParameters),
    });
  }

  #check(dto: Dto): Check {
    let check = this.#checks.get(dto);
    if (!check) this.#checks.set(dto, (check = checkOf(dto)));
    return check;
  }
}

/** RFC 6901: `~` and `/` of a key are written `~0` and `~1`. */
const inBody = ({ path, detail }: Violation): FieldError => ({
  pointer: path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
  detail,
});

const inParameters = ({ path, detail }: Violation): FieldError => ({ parameter: path.join('.'), detail });
