# Everything a fresh machine needs: Python 3.11+, make and a network.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: demo test lint bench clean

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "arazzo needs Python 3.11 or newer; run: make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt 'pip>=25.1'
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[http2,xml]' --group dev
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt --only-binary pyreqwest -e '.[fast]' 2>/dev/null || echo 'there is no pyreqwest for this Python; the tests of the fast transport are skipped'
	@touch $@

demo: $(READY)
	$(BIN)/python -m arazzo run specs/civitai/presigned-blob-generate.arazzo.yml --simulate \
	  -i apiKey=any-key -i mimeType=image/png -i engine=flux2 -i prompt='a cat' -i callbackUrl=https://example.test/hook

test: $(READY) lint
	$(BIN)/python -m pytest -n 2

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
