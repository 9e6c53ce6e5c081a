import { ApiProperty } from '@nestjs/swagger';
import { MoneyBody } from '../bodies.js';
import { DocumentLineBody, PricedLineBody } from './priced-line.dto.js';

const KINDS = ['goods', 'charge', 'voucher'];

export class OrderLineBody extends DocumentLineBody {
  @ApiProperty({ enum: KINDS })
  kind!: string;
  @ApiProperty({ type: 'integer', example: 0 })
  cancelled!: number;
  @ApiProperty({ type: 'integer', example: 3 })
  shipped!: number;
  @ApiProperty({ type: 'integer', example: 3 })
  delivered!: number;
  @ApiProperty({ type: 'integer', example: 0 })
  returned!: number;
}

export class AllocationBody {
  @ApiProperty({ type: 'integer', example: 1 })
  line!: number;
  @ApiProperty({ type: MoneyBody })
  amount!: MoneyBody;
}

export class AdjustmentBody {
  @ApiProperty({ enum: ['discount', 'shipping', 'tax'] })
  kind!: string;
  @ApiProperty({ example: 'SPRING' })
  code!: string;
  @ApiProperty({ required: false, example: 'Spring sale' })
  name?: string;
  @ApiProperty({ type: MoneyBody, description: 'Below zero for a discount.' })
  amount!: MoneyBody;
  @ApiProperty({ type: [AllocationBody], description: 'The share that each line bears. They add up to the amount.' })
  allocations!: AllocationBody[];
}

export class PreviewLineBody extends PricedLineBody {
  @ApiProperty({ enum: KINDS })
  kind!: string;
}

/** What an order would be after an edit. Nothing has been written. */
export class EditPreviewBody {
  @ApiProperty({ enum: ['order-edit-preview'] })
  object!: 'order-edit-preview';
  @ApiProperty({ example: 'ord_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03' })
  id!: string;
  @ApiProperty({ type: [PreviewLineBody] })
  lines!: PreviewLineBody[];
  @ApiProperty({ type: [AdjustmentBody] })
  adjustments!: AdjustmentBody[];
  @ApiProperty({ type: MoneyBody })
  total!: MoneyBody;
  @ApiProperty({ type: MoneyBody, description: 'The total as it stands now.' })
  totalBefore!: MoneyBody;
  @ApiProperty({ type: MoneyBody, description: 'To be paid in addition; below zero, to be given back.' })
  difference!: MoneyBody;
  @ApiProperty({ description: 'Revision that the preview was made on, decimal: the `ETag`.', example: '0' })
  revision!: string;
}
