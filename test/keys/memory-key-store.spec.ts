import { MemoryKeyStore } from '../../src/infrastructure/keys/memory-key-store.js';
import { describeKeyStore } from '../contracts/key-store.contract.js';

describeKeyStore('MemoryKeyStore', () => new MemoryKeyStore());
