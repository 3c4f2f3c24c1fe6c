/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `check`: findings about an installation, or about the place where one is to go (--pre). Each rule is a row
 * of a catalog; a rule reads the survey, and says what it found, that it passed, or that its question could
 * not be asked. Nothing passes silently that was not answered.
 */
#ifndef PLUGIN_CHECK_H
#define PLUGIN_CHECK_H

#include "base/base.h"
#include "base/strv.h"
#include "kube/install.h"
#include "kube/survey.h"
#include "plugin/app.h"

enum severity {
	SEVERITY_ERROR,
	SEVERITY_WARNING
};

struct check;

struct check_rule {
	const char *id; /* "controller-crash-loop": stable, for scripts */
	enum severity severity;
	const char *why; /* why it matters: one sentence without a full stop */
	/* Several rows may share a function that looks at `rule->which`. */
	void (*run)(struct check *check, const struct check_rule *rule);
	int which;
};

/* One finding. All owned but `rule`. */
struct finding {
	const struct check_rule *rule;
	char *object;  /* "Deployment flux-system/source-controller" */
	char *seen;    /* field and value as they were seen */
	char *command; /* what helps, complete; NULL: nothing to type */
};

struct check_azure;

struct check {
	struct app *app;
	struct survey *survey;
	struct install *install;
	bool pre;
	struct check_azure *azure;  /* --pre: what Azure says; owned; NULL: it was not asked */
	const char *cloud, *region; /* for the endpoints of --pre */
	struct finding *findings;
	size_t count;
	struct strv passed;     /* phrases */
	struct strv unanswered; /* "what: why" */
};

void check_clear(struct check *check);
/* Add a finding; `object`, `seen` and `command` are taken over. A command in which a shell would
 * find more than words is left out. */
void check_found(struct check *check, const struct check_rule *rule, char *object, char *seen,
	char *command);
/* Say in a phrase what is well. */
void check_passed(struct check *check, const char *format, ...) PRINTF(2, 3);
/* Say which question has no answer, and why. */
void check_unanswered(struct check *check, const char *format, ...) PRINTF(2, 3);
/* Run every catalog that applies over check->survey and check->install. */
void check_all(struct check *check);
/* True if a list could be read; else its question stands among the unanswered already. */
bool check_read(const struct survey_list *list);

/*
 * "az k8s-extension update … SETTING", complete with the cluster's own names; NULL where those are not known.
 * The caller frees.
 */
char *check_az_update(const struct check *check, const char *setting);

/* The catalogs, in the order of the report. */
extern const struct check_rule check_controller_rules[];
extern const size_t check_controller_rules_count;
extern const struct check_rule check_install_rules[];
extern const size_t check_install_rules_count;
extern const struct check_rule check_crd_rules[];
extern const size_t check_crd_rules_count;
extern const struct check_rule check_known_rules[];
extern const size_t check_known_rules_count;
extern const struct check_rule check_access_rules[];
extern const size_t check_access_rules_count;
extern const struct check_rule check_pre_rules[];
extern const size_t check_pre_rules_count;
extern const struct check_rule check_azure_rules[];
extern const size_t check_azure_rules_count;
extern const struct check_rule check_endpoint_rules[];
extern const size_t check_endpoint_rules_count;

/* The report as text, or as a JSON tree (owned). */
void check_print(const struct check *check);
struct json_object *check_json(const struct check *check);

#endif
