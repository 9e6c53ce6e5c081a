import { Controller, Get } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOperation, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from './api-docs.js';
import { OpenApi } from './openapi.js';

export class IndexBody {
  @ApiProperty({ example: 'Commerce Ledger' })
  name!: string;
  @ApiProperty({ example: '/docs' })
  documentation!: string;
  @ApiProperty({ example: '/v1/openapi.json' })
  openapi!: string;
  @ApiProperty({ example: '/problems' })
  problems!: string;
  @ApiProperty({ example: '/health/ready' })
  health!: string;
  @ApiProperty({ type: [String], example: ['/v1/products'] })
  resources!: string[];
}

@ApiTags('About')
@Controller()
export class IndexController {
  constructor(private readonly openapi: OpenApi) {}

  @Get()
  @ApiOperation({ operationId: 'index', summary: 'Where things are' })
  @ApiResponse({ status: 200, type: IndexBody })
  @ApiProblems()
  index(): IndexBody {
    return {
      name: 'Commerce Ledger',
      documentation: '/docs',
      openapi: '/v1/openapi.json',
      problems: '/problems',
      health: '/health/ready',
      resources: this.#resources(),
    };
  }

  /** Where each kind of thing is listed or made, and whatever else is read without naming one of them. */
  #resources(): string[] {
    const isRoot = (path: string) => /^\/v1\/[^/]+$/.test(path);
    return Object.entries(this.openapi.document.paths)
      .filter(([path, { get }]) => path.startsWith('/v1/') && !path.includes('{') && (get || isRoot(path)))
      .map(([path]) => path);
  }

  @Get('v1/openapi.json')
  @ApiExcludeEndpoint()
  document(): object {
    return this.openapi.document;
  }
}
