/** The backends of TF.js that a network can run on. */
export const BACKENDS = ["wasm", "webgl", "webgpu"] as const;
export type BackendName = (typeof BACKENDS)[number];

export const isBackend = (name: unknown): name is BackendName => BACKENDS.includes(name as BackendName);
