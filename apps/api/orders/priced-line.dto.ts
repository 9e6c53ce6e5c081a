import { ApiProperty } from '@nestjs/swagger';
import { MoneyBody } from '../bodies.js';

/** A line of a document: units of one SKU at one price. */
export class PricedLineBody {
  @ApiProperty({ type: 'integer', example: 1 })
  line!: number;
  @ApiProperty({ example: 'TEAPOT-RED' })
  sku!: string;
  @ApiProperty({ type: 'integer', example: 3 })
  quantity!: number;
  @ApiProperty({ description: 'Decimal in major units.', example: '2.55' })
  unitPrice!: string;
  @ApiProperty({ type: MoneyBody, description: 'quantity × unit price, rounded half-even once.' })
  amount!: MoneyBody;
}

/** The same as it stands on an order or a credit note. */
export class DocumentLineBody extends PricedLineBody {
  @ApiProperty({ required: false, example: 'Red teapot' })
  name?: string;
  @ApiProperty({ required: false, description: 'The code as its document wrote it, where that differs from the SKU.' })
  writtenAs?: string;
}
