import { vi } from 'vitest';

// A machine that has other things to do may be slow; a test that hangs is still found out.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });
