import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FindProducts, GetProduct } from '../../../src/application/product/products.query.js';
import { RunProduct } from '../../../src/application/product/run-product.handler.js';
import { ApiCommand, ApiRead } from '../api-docs.js';
import type { ReceiptBody } from '../bodies.js';
import { Commands } from '../commands.js';
import { Queries } from '../queries.js';
import {
  DiscontinueProductBody,
  ListProductBody,
  PriceBody,
  ProductBody,
  ProductListBody,
  ProductPath,
  ProductQuery,
  ProductsQuery,
} from './product.dto.js';
import { presentProduct } from './product.presenter.js';

@ApiTags('Products')
@Controller('v1/products')
export class ProductsController {
  constructor(
    private readonly commands: Commands,
    private readonly queries: Queries,
  ) {}

  @Post()
  @ApiCommand({
    id: 'listProduct',
    summary: 'List a product',
    creates: 'The product is in the catalog.',
    problems: ['product-already-listed', 'product-discontinued', 'price-repeated'],
  })
  list(
    @Body() body: ListProductBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    const { sku, name, prices } = body;
    const command = new RunProduct(
      { type: 'ListProduct', data: { sku, name, prices } },
      this.commands.contextOf(request),
    );
    return this.commands.run(command, reply, sku, `/v1/products/${sku}`);
  }

  @Post(':sku/price')
  @HttpCode(200)
  @ApiCommand({
    id: 'changePrice',
    summary: 'Change or add the list price in one currency',
    problems: ['product-unknown', 'product-discontinued'],
  })
  changePrice(
    @Param() { sku }: ProductPath,
    @Body() { amount, currency }: PriceBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    const data = { sku, price: { amount, currency } };
    const command = new RunProduct({ type: 'ChangePrice', data }, this.commands.contextOf(request));
    return this.commands.run(command, reply, sku);
  }

  @Post(':sku/discontinue')
  @HttpCode(200)
  @ApiBody({ type: DiscontinueProductBody, required: false })
  @ApiCommand({
    id: 'discontinueProduct',
    summary: 'Take a product out of the catalog',
    description: 'It can no longer be ordered. Its history and its stock stay.',
    problems: ['product-unknown'],
  })
  discontinue(
    @Param() { sku }: ProductPath,
    @Body() _body: DiscontinueProductBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    const command = new RunProduct({ type: 'DiscontinueProduct', data: { sku } }, this.commands.contextOf(request));
    return this.commands.run(command, reply, sku);
  }

  @Get()
  @ApiRead({
    id: 'listProducts',
    summary: 'Products with prices and availability',
    answer: ProductListBody,
    list: true,
  })
  find(
    @Query() query: ProductsQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProductListBody> {
    const { status = 'listed', order = 'sku', name } = query;
    const filter = { status, order, ...(name === undefined ? {} : { namePrefix: name }) };
    const freshness = this.queries.freshness(query, request, reply);
    return this.queries.list(
      (page) => new FindProducts(filter, page, freshness),
      query,
      presentProduct,
      request,
      reply,
    );
  }

  @Get(':sku')
  @ApiRead({ id: 'getProduct', summary: 'One product', answer: ProductBody, problems: ['product-unknown'] })
  get(
    @Param() { sku }: ProductPath,
    @Query() query: ProductQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    const product = new GetProduct(sku, this.queries.freshness(query, request, reply));
    return this.queries.one(product, { code: 'product-unknown' }, presentProduct, request, reply);
  }
}
