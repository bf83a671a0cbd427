/** What runs a handler in Python behind the runtime API. */
export const PYTHON_BOOTSTRAP: URL = new URL('./bootstrap.py', import.meta.url);
