import { MemoryObjectStore } from './memory-object-store.ts';
import { objectStoreContract } from './object-store.contract.ts';

objectStoreContract('memory', async () => ({ store: new MemoryObjectStore(), close: async () => undefined }));
