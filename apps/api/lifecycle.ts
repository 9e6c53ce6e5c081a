import { Injectable } from '@nestjs/common';

/** Whether this process is about to stop: it then takes nothing new. */
@Injectable()
export class Lifecycle {
  stopping = false;
}
