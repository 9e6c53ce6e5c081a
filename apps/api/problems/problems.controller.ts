import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../api-docs.js';
import { isProblemCode, problemCodes, RequestRefused } from '../problems.js';
import { Field, type FieldType } from '../validation/field.js';
import { cataloguePage, problemPage } from './problem-pages.js';

/** Any text: what is no code leads to no page. */
const code: FieldType = {
  name: 'code',
  check: (value) => typeof value === 'string',
  message: 'must be text',
  schema: { type: 'string' },
  example: 'insufficient-stock',
};

export class ProblemPath {
  @Field(code, { description: 'The code of a problem.' })
  code!: string;
}

const HTML = { 'text/html': { schema: { type: 'string' } } } as const;

/** The pages that `type` of a problem leads to. */
@ApiTags('About')
@Controller('problems')
export class ProblemsController {
  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @ApiOperation({ operationId: 'listProblems', summary: 'Every problem that the API may answer with' })
  @ApiResponse({ status: 200, description: 'A page.', content: HTML })
  @ApiProblems()
  catalogue(): string {
    return cataloguePage();
  }

  @Get(':code')
  @Header('Content-Type', 'text/html; charset=utf-8')
  @ApiOperation({ operationId: 'getProblem', summary: 'What one kind of problem means' })
  @ApiParam({ name: 'code', schema: { type: 'string', enum: problemCodes } })
  @ApiResponse({ status: 200, description: 'A page.', content: HTML })
  @ApiProblems('not-found')
  page(@Param() path: ProblemPath): string {
    if (!isProblemCode(path.code)) throw new RequestRefused({ code: 'not-found' });
    return problemPage(path.code);
  }
}
