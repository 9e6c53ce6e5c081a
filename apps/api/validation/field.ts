import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, ValidateBy, ValidateIf, ValidateNested } from 'class-validator';

/** JSON Schema words for the OpenAPI document, beside the check that they describe. */
export type Schema = Readonly<{
  type: 'string' | 'integer';
  pattern?: string;
  format?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  enum?: readonly string[];
  default?: string | number;
}>;

/** What one kind of field takes. `message` completes "<field> …" for the client; `example` passes `check`. */
export type FieldType = Readonly<{
  name: string;
  check: (value: unknown) => boolean;
  message: string;
  schema: Schema;
  example: string | number;
}>;

export type FieldOptions = Readonly<{ description: string; optional?: true; example?: string | number }>;

/** A field of a DTO: one class-validator rule and its OpenAPI schema, said once. */
export function Field(type: FieldType, options: FieldOptions): PropertyDecorator {
  const { enum: values, ...schema } = type.schema;
  return applyDecorators(
    ...absence(options.optional),
    ValidateBy({ name: type.name, validator: { validate: type.check } }, { message: type.message }),
    ApiProperty({
      ...schema,
      ...(values ? { enum: [...values] } : {}),
      description: options.description,
      required: !options.optional,
      example: options.example ?? type.example,
    }),
  );
}

/** A list of objects, each checked by the rules of its own DTO class. */
export function ListOf(
  dto: new () => object,
  { description, optional, min, max }: Readonly<{ description: string; optional?: true; min: number; max: number }>,
): PropertyDecorator {
  const sized = { message: `must be a list of ${min} to ${max} objects` };
  return applyDecorators(
    ...absence(optional),
    IsArray(sized),
    ArrayMinSize(min, sized),
    ArrayMaxSize(max, sized),
    ValidateNested({ message: 'must hold objects', context: { dto } }),
    ApiProperty({ type: [dto], minItems: min, maxItems: max, description, required: !optional }),
  );
}

/** `null` is a value like any other: only a field that is not there at all is absent. */
const absence = (optional: true | undefined): PropertyDecorator[] =>
  optional ? [ValidateIf((_, value) => value !== undefined)] : [];
