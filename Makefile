# Every command of the project. Each makes what it needs by itself: Python 3.11 or later with venv is all it asks for.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:
.SUFFIXES:

# The first of these that runs, and can make an environment, is taken. One's own: make test PYTHON=/path/to/python
PYTHON ?= python3.13 python3.12 python3.11 python3
# Passed on: make test ARGS="-k lease", make demo ARGS="--fault kill", make lock ARGS=--upgrade
ARGS ?=
# Processes that run tests side by side: two more than a small machine has cores, since each waits now and then.
JOBS ?= 4
# They are copies of one that collected all; macOS's libraries cannot be copied, so there each collects by itself.
SIDE_BY_SIDE = $(if $(filter Darwin,$(shell uname)),-n $(JOBS) --dist worksteal,-p tests.workers --workers $(JOBS))
# And those that kill: who is killed, and its cloud, wait for each other.
KILLERS ?= 3
KILLED := tests/kill tests/engine/local tests/demo $(addprefix tests/cli/test_,break_glass.py gameday.py)

PY := .venv/bin/python
TEMPLATES := $(wildcard template*.yaml)
CODE := $(wildcard functions runbooks tests bench)
CI := lint test test-api test-browser test-concurrency test-kill-sample validate

# A pyenv shim runs only versions that it is told of, and the functions' own is wanted.
PYENV = $(shell command -v pyenv >/dev/null 2>&1 && pyenv versions --bare | grep -E '^3\.1[1-9]\.[0-9]+$$' | paste -s -d: -)
PYTHONS = $(if $(PYENV),PYENV_VERSION=$(PYENV))
SAM = SAM_CLI_TELEMETRY=0 $(PYTHONS) .venv-sam/bin/sam

# uv writes a pin for every platform and Python that we support, with the hashes of all its files, and no address.
COMPILE := .venv/bin/uv pip compile --quiet --no-config --no-header --no-annotate --strip-extras --generate-hashes
UNIVERSAL := --universal --python-version 3.11
LAMBDA := --python-version 3.13 --python-platform aarch64-manylinux2014
# What the functions are built for: for what samconfig.toml deploys them, or for what is asked: make … ARCHITECTURE=x86_64
X86_64 := ^[^\#]*Architecture=["\\]*x86_64
ARCHITECTURE ?= $(if $(shell grep -E '$(X86_64)' samconfig.toml),x86_64,aarch64)

##@ Use
.PHONY: demo
demo: setup ## play alarms against an embedded cloud: no account, no Docker, no server
	@.venv/bin/nightcrew demo $(ARGS)

##@ Check
# Whatever the shell says: each of the many processes that tests start would compile all that it imports anew.
test test-api test-browser test-concurrency test-kill e2e: export PYTHONDONTWRITEBYTECODE :=

.PHONY: test
test: setup ## run the tests
	@$(PY) -m pytest tests $(SIDE_BY_SIDE) -m 'not build and not concurrency and not kill and not browser and not e2e and not fuzz' $(ARGS)

.PHONY: test-api
test-api: setup ## ask the API whatever its document allows (schemathesis)
	@$(PY) -m pytest tests/api -m fuzz $(ARGS)

.PHONY: test-browser
test-browser: setup .venv/.browser ## do in a real browser what people do in the console; pictures in .screens/
	$(chromium)
	@$(PY) -m pytest tests/browser -m browser $(ARGS)

.PHONY: test-concurrency
test-concurrency: setup .venv-ministack/.installed ## what must hold under threads, on an emulator whose transactions are right
	@NIGHTCREW_MINISTACK='$(CURDIR)/.venv-ministack/bin/python' $(PY) -m pytest tests/concurrency -m concurrency $(ARGS)

.PHONY: test-kill
test-kill: setup ## kill a run at every point and resume it; report in .reports/
	@mkdir -p .reports
	@$(PY) -m pytest $(KILLED) -m kill -n $(KILLERS) --dist worksteal --junitxml=.reports/kill.xml $(ARGS)

.PHONY: test-kill-sample
test-kill-sample: setup ## the same at some points of each runbook, among them all around its changes' calls
	@mkdir -p .reports
	@$(PY) -m pytest $(KILLED) -m kill -n $(KILLERS) --dist worksteal --sample $(ARGS)

.PHONY: sabotage
sabotage: setup ## break the code on purpose, one way at a time: a test must notice
	@$(PY) -m tests.sabotage $(ARGS)

.PHONY: lint
lint: setup ## style, types and floors
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy $(CODE)
	.venv/bin/lint-imports --no-logo

.PHONY: validate
validate: setup .venv-sam/.installed .venv-checkov/.installed ## check the CloudFormation templates, build the functions, look at what was built
	@test -n '$(TEMPLATES)' || { echo 'there is no template.yaml to validate' >&2; exit 1; }
	.venv/bin/cfn-lint $(TEMPLATES)
	@for template in $(TEMPLATES); do \
		echo "sam validate --lint --template $$template"; \
		$(SAM) validate --lint --template "$$template" || exit; \
	done
	.venv-checkov/bin/checkov --config-file .checkov.yaml $(TEMPLATES:%=--file %)
	$(SAM) build --template template.yaml
	$(PYTHONS) $(PY) -m pytest tests/build -m build $(ARGS)

.PHONY: e2e
e2e: setup .venv-sam/.installed .venv-ministack/.installed ## deploy the template to an emulator, and sound an alarm; takes minutes, and is not part of make ci
	ARCHITECTURE=$$(uname -m) $(SAM) build --parallel --template template.yaml --build-dir .aws-sam/e2e
	@NIGHTCREW_MINISTACK='$(CURDIR)/.venv-ministack/bin/python' $(PYTHONS) \
		$(PY) -m pytest tests/e2e -m e2e --verbose --override-ini faulthandler_timeout=600 $(ARGS)

.PHONY: bench
bench: setup ## measure, beside the best that we know of; report in .bench/
	@mkdir -p .bench
	@$(PY) -m bench $(ARGS)

.PHONY: ci
ci: setup ## what must pass before a change lands: lint, all tests, templates
	@for target in $(CI); do \
		printf '\n── make %s\n' $$target; \
		$(MAKE) --no-print-directory $$target || exit; \
	done

##@ Work on it
.PHONY: setup
setup: .venv/.project ## make .venv; the commands above do it by themselves

.PHONY: format
format: setup ## put the code into shape
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

.PHONY: roles
roles: setup ## write the remediator roles, the event rule and the table of limits anew, from what the runbooks declare
	@$(PY) -m nightcrew.authoring.roles $(TEMPLATES) docs/security.md

.PHONY: catalog
catalog: setup ## write runbooks/CATALOG.md and the runbooks' pages anew; a team's own with ARGS=its_package
	@$(PY) -m nightcrew.authoring.pages $(ARGS)

.PHONY: openapi
openapi: setup ## write docs/openapi.json anew, from the routes of the API
	@$(PY) -m nightcrew.api.openapi docs/openapi.json

.PHONY: lock
lock: setup ## write the requirements files anew from pyproject.toml; newer versions with ARGS=--upgrade
	$(COMPILE) $(UNIVERSAL) --all-extras --group dev pyproject.toml --output-file requirements/dev.txt $(ARGS)
	$(COMPILE) $(UNIVERSAL) --constraints requirements/dev.txt --group pyproject.toml:browser --output-file requirements/browser.txt $(ARGS)
	$(COMPILE) $(UNIVERSAL) --group pyproject.toml:checkov --output-file requirements/checkov.txt $(ARGS)
	$(COMPILE) $(UNIVERSAL) --group pyproject.toml:ministack --output-file requirements/ministack.txt $(ARGS)
	$(COMPILE) $(UNIVERSAL) --group pyproject.toml:sam --output-file requirements/sam.txt $(ARGS)
	$(COMPILE) $(LAMBDA) --constraints requirements/dev.txt pyproject.toml --output-file functions/requirements.txt $(ARGS)

.PHONY: clean
clean: ## remove everything that these commands made
	rm -rf .venv .venv-checkov .venv-sam .venv-ministack .venv*.log .aws-sam .bench .reports .screens build dist
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find functions runbooks tests bench -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

.PHONY: help
help: ## this list
	@if [ -t 1 ]; then bold='\033[1m'; name='\033[36m'; plain='\033[0m'; fi; \
	awk -v bold="$$bold" -v name="$$name" -v plain="$$plain" ' \
		BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s%s%s\n", bold, substr($$0, 5), plain } \
		/^[a-z0-9-]+:.*## / { printf "  %smake %-18s%s%s\n", name, $$1, plain, $$2 } \
		END { print "" }' Makefile

# --- functions -----------------------------------------------------------------------------------------------------

# `sam build` calls build-<logical id> for each function, with ARTIFACTS_DIR. Each gets its own door, Nightcrew without what
# only people use (the API's function serves the console's pages), the runbooks, the teams', policy and catalog compiled from
# what is there by then, and the pins.
FUNCTIONS := IntakeFunction ExecutorFunction SweepFunction DigestFunction ApiFunction ChatFunction
.PHONY: $(FUNCTIONS:%=build-%) $(FUNCTIONS:%=code-%)
FOR_PEOPLE := cli console demo
ARTEFACT = $(or $(ARTIFACTS_DIR),$(error ARTIFACTS_DIR says where to; `sam build` sets it))
code-IntakeFunction: DOOR := intake
code-ExecutorFunction: DOOR := executor
code-SweepFunction: DOOR := sweep
code-DigestFunction: DOOR := digest
code-ApiFunction: DOOR := api
code-ApiFunction: FOR_PEOPLE := cli demo
code-ChatFunction: DOOR := chat

# The code first: it is compiled with the packages of .venv, since those of the functions may be for another processor.
# Taken away again: scripts and records, which hold paths of this machine (the same source must give the same code), pages for
# browsers, and the C half of PyYAML, which nothing calls.
$(FUNCTIONS:%=build-%): build-%: setup
	@$(MAKE) --no-print-directory code-$*
	@$(PY) -m pip install $(PIP) --quiet --no-compile --no-deps --require-hashes --only-binary=:all: \
		--platform manylinux2014_$(ARCHITECTURE) --implementation cp --python-version 3.13 \
		--target '$(ARTEFACT)' --requirement functions/requirements.txt
	@cd '$(ARTEFACT)' && rm -rf bin *.dist-info/RECORD yaml/_yaml.*.so \
		aws_lambda_powertools/event_handler/openapi/swagger_ui

$(FUNCTIONS:%=code-%):
	@cp -R functions/$(DOOR).py functions/nightcrew runbooks '$(ARTEFACT)'
	@cd '$(ARTEFACT)' && rm -rf $(FOR_PEOPLE:%=nightcrew/%) && \
		find nightcrew runbooks \( -name __pycache__ -o -name '*.md' \) -prune -exec rm -rf {} +
	@$(call teams,--no-compile --target '$(ARTEFACT)')
	@cd '$(ARTEFACT)' && rm -f *.dist-info/RECORD *.dist-info/direct_url.json
	@PYTHONPATH='$(ARTEFACT)' $(PY) -B -P -m nightcrew.engine.packaged '$(ARTEFACT)'

# $(call teams,OPTIONS): installs the packages of teams, if any. A directory or a wheel is what it was when this was called.
TEAMS := functions/teams.txt
teams = if grep -q '^[^\#]' $(TEAMS); then $(PY) -m pip install $(PIP) --quiet --no-deps $(1) --requirement $(TEAMS); fi

# --- environments --------------------------------------------------------------------------------------------------

# $(call environment,DIRECTORY,REQUIREMENTS): made anew when its requirements say something new, so that nothing old stays.
# They name everything that is needed (pip check says so); --no-deps, since old pips trip over extras in hash mode.
# It is quiet; when it fails it shows the end of what was said, and the log keeps the rest.
define environment
@cmp -s $(2) $(1)/requirements.txt && exit; \
echo 'setting up $(1) …'; \
rm -rf $(1); { \
	for python in $(PYTHON); do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' && "$$python" -m venv $(1) && break; \
		rm -rf $(1); \
	done; \
	if [ -x $(1)/bin/python ]; then \
		$(1)/bin/python -m pip install $(PIP) --no-compile --no-deps --require-hashes -r $(2) && \
		$(1)/bin/python -m pip check --disable-pip-version-check; \
	else \
		echo 'None of these is a Python 3.11 or later that can make an environment: $(PYTHON)'; false; \
	fi; \
} >$(1).log 2>&1 || { tail -n 40 $(1).log >&2; echo 'setting up $(1) failed; all of it is in $(1).log' >&2; exit 1; }; \
mv $(1).log $(1)/setup.log && cp $(2) $(1)/requirements.txt
@touch $@
endef
PIP := --no-input --disable-pip-version-check --progress-bar off

.venv/.installed: requirements/dev.txt
	$(call environment,.venv,$<)

.venv-checkov/.installed: requirements/checkov.txt
	$(call environment,.venv-checkov,$<)

.venv-ministack/.installed: requirements/ministack.txt
	$(call environment,.venv-ministack,$<)

.venv-sam/.installed: requirements/sam.txt
	$(call environment,.venv-sam,$<)

# What drives a browser stands beside the rest, since tests need both.
.venv/.browser: requirements/browser.txt .venv/.installed
	@$(PY) -m pip install $(PIP) --quiet --no-deps --require-hashes --requirement $<
	@touch $@

# A browser that is there is taken. Else Debian's is installed, where that asks nobody for a password.
CHROMIUMS := chromium chromium-browser google-chrome google-chrome-stable
define chromium
@for name in $${NIGHTCREW_CHROMIUM:+"$$NIGHTCREW_CHROMIUM"} $(CHROMIUMS); do command -v "$$name" >/dev/null && exit; done; \
echo 'installing chromium …'; \
as=$$([ "$$(id -u)" = 0 ] || echo 'sudo -n'); \
{ $$as apt-get update && $$as env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium; } \
	>.venv/chromium.log 2>&1 && command -v chromium >/dev/null && exit; \
tail -n 5 .venv/chromium.log >&2; \
echo 'There is no Chromium here, and it could not be installed: install one (Debian: apt-get install chromium),' >&2; \
echo 'or name a browser of its kind: make test-browser NIGHTCREW_CHROMIUM=/path/to/it' >&2; exit 1
endef

# The project itself, where it lies: only names and entry points are installed.
.venv/.project: .venv/.installed pyproject.toml $(TEAMS)
	@{ $(PY) -m pip install $(PIP) --no-deps --no-build-isolation --editable . && $(call teams,); } \
		>.venv/project.log 2>&1 || { cat .venv/project.log >&2; exit 1; }
	@touch $@
