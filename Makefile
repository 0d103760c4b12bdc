# Two commands for everyone (`make run`, `make test`), the rest for who works on the code.
PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
export UV_PYTHON_DOWNLOADS := never
export UV_PROJECT_ENVIRONMENT := $(VENV)
# dozens of processes start here, and each would compile every library anew
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test check bench soak opa browser clean

run: $(VENV)/ready
	@$(BIN)/portal up

test: $(VENV)/ready
	@bin/test

check: $(VENV)/ready
	@bin/check

bench: $(VENV)/ready
	@$(BIN)/python -m bench $(NAME)

soak: $(VENV)/ready
	@$(BIN)/python -m bench --soak $(NAME)

opa: $(VENV)/ready
	@bin/get-opa

browser: $(VENV)/ready
	@bin/get-browser

$(VENV)/ready: pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make run PYTHON=python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet uv==$(UV_VERSION)
	@$(BIN)/uv sync --quiet --frozen --all-extras --inexact --python $(BIN)/python
	@touch $@

clean:
	rm -rf $(VENV)
