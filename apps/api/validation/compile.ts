import { getMetadataStorage, ValidationTypes } from 'class-validator';

/** What is wrong with one value. `path` leads to it from the object that was checked: keys and indexes. */
export type Violation = Readonly<{ path: readonly (string | number)[]; detail: string }>;
/** Finds what is wrong with `value`, at most `MAX_VIOLATIONS`; an empty list says that it is a valid DTO. */
export type Check = (value: unknown) => readonly Violation[];

type Dto = abstract new (...args: never[]) => object;
type Rule = Readonly<{ message: string; holds: (value: unknown, object: object) => boolean }>;
type Property = Readonly<{
  name: string;
  applies: readonly ((object: object, value: unknown) => boolean)[];
  rules: readonly Rule[];
  nested: Dto | undefined;
}>;
type Compiled = Readonly<{ names: ReadonlySet<string>; properties: readonly Property[] }>;

/** A body of a thousand wrong lines gets an answer, not a report. */
export const MAX_VIOLATIONS = 20;

const compiled = new Map<Dto, Compiled>();

/**
 * The class-validator rules of a DTO class, looked up once instead of on every request. Same verdicts as class-validator's
 * own `validate` with `whitelist` and `forbidNonWhitelisted` (a test compares them), but on plain JSON: nothing is copied
 * and nothing needs to be an instance. Per property, the first rule to fail is the one told.
 * @throws Error at start-up for what it does not do: asynchronous rules, `each`, groups, rules without a message
 */
export function checkOf(dto: Dto): Check {
  compile(dto);
  return (value) => {
    const violations: Violation[] = [];
    checkObject(dto, value, [], violations);
    return violations;
  };
}

function checkObject(dto: Dto, value: unknown, path: readonly (string | number)[], violations: Violation[]): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    violations.push({ path, detail: 'must be an object' });
    return;
  }
  const { names, properties } = compile(dto);
  for (const key in value) {
    if (!names.has(key)) add(violations, { path: [...path, key], detail: 'is not known here' });
  }
  for (const property of properties) {
    if (violations.length >= MAX_VIOLATIONS) return;
    checkProperty(property, value, path, violations);
  }
}

function checkProperty(
  property: Property,
  object: object,
  path: readonly (string | number)[],
  into: Violation[],
): void {
  const { name, nested } = property;
  const value = (object as Record<string, unknown>)[name];
  for (const applies of property.applies) if (!applies(object, value)) return;
  for (const { holds, message } of property.rules) {
    if (holds(value, object)) continue;
    add(into, { path: [...path, name], detail: value === undefined ? 'is missing' : message });
    return;
  }
  if (!nested || value === undefined) return;
  if (!Array.isArray(value)) return checkObject(nested, value, [...path, name], into);
  for (const [index, item] of value.entries()) {
    if (into.length >= MAX_VIOLATIONS) return;
    checkObject(nested, item, [...path, name, index], into);
  }
}

function add(violations: Violation[], violation: Violation): void {
  if (violations.length < MAX_VIOLATIONS) violations.push(violation);
}

function compile(dto: Dto): Compiled {
  const known = compiled.get(dto);
  if (known) return known;
  const storage = getMetadataStorage();
  const byProperty = storage.groupByPropertyName(storage.getTargetValidationMetadatas(dto, dto.name, false, false));
  const properties = Object.entries(byProperty).map(([name, metadatas]): Property => {
    const at = `${dto.name}.${name}`;
    return {
      name,
      applies: metadatas.filter(({ type }) => type === ValidationTypes.CONDITIONAL_VALIDATION).map(conditionOf),
      rules: metadatas
        .filter(({ type }) => type === ValidationTypes.CUSTOM_VALIDATION)
        .flatMap((metadata) => {
          if (metadata.each || metadata.groups?.length || metadata.validateIf) throw unsupported(at);
          return storage
            .getTargetValidatorConstraints(metadata.constraintCls)
            .map((constraint) => ruleOf(metadata, constraint, at, dto.name));
        }),
      nested: nestedOf(metadatas, at),
    };
  });
  const result = { names: new Set(properties.map(({ name }) => name)), properties };
  compiled.set(dto, result);
  for (const { nested } of properties) if (nested) compile(nested);
  return result;
}

type Metadata = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];
type Constraint = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidatorConstraints']>[number];

const conditionOf = ({ constraints }: Metadata): Property['applies'][number] =>
  constraints[0] as Property['applies'][number];

function ruleOf(
  { constraints, message, propertyName }: Metadata,
  { async, instance }: Constraint,
  at: string,
  targetName: string,
): Rule {
  if (async || typeof message !== 'string') throw unsupported(at);
  return {
    message,
    holds: (value, object) =>
      instance.validate(value, { value, object, property: propertyName, targetName, constraints }) === true,
  };
}

function nestedOf(metadatas: readonly Metadata[], at: string): Dto | undefined {
  const nested = metadatas.find(({ type }) => type === ValidationTypes.NESTED_VALIDATION);
  if (!nested) return undefined;
  const context = nested.context as { dto?: Dto } | undefined;
  if (!context?.dto) throw unsupported(at);
  return context.dto;
}

const unsupported = (at: string): Error =>
  new Error(`${at} uses a class-validator rule that compile.ts does not do; see checkOf`);
