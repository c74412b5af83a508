/*
 * app_look.c - the theme and the width of ambiguous characters: as they are
 * set, else as the terminal says.
 */
#include <stdlib.h>

#include "mneme/config.h"
#include "mneme/tui.h"
#include "tui/app.h"
#include "tui/chat_view.h"

/* The theme that is set, or NULL for "auto". */
static const struct theme *
set_theme(const struct app *app)
{
	const char *name = config_text(app->tui->config, CONFIG_THEME);

	return name ? theme_find(slice_of(name)) : NULL;
}

void
app_look(struct app *app)
{
	const char *wide =
		config_text(app->tui->config, CONFIG_AMBIGUOUS_WIDTH);
	const struct theme *theme = set_theme(app);

	app->theme = theme ? theme : &themes[0];
	app->grid.wide = wide && strcmp(wide, "2") == 0;
}

/* Some terminals say so in the environment: "15;0", the last is the
 * background's. */
static bool
says_light(void)
{
	const char *colours = getenv("COLORFGBG");
	const char *last = colours ? strrchr(colours, ';') : NULL;

	return last && (strcmp(last, ";7") == 0 || strcmp(last, ";15") == 0);
}

static void
lay_out_anew(struct app *app)
{
	for (size_t i = 0; i < app->depth; i++)
		if (app->stack[i]->type->changed)
			app->stack[i]->type->changed(app->stack[i]);
	if (app->depth > 0)
		chat_view_restyle(app->stack[0]);
	app_dirty(app);
}

void
app_set_theme(struct app *app, const struct theme *theme)
{
	if (theme == app->theme)
		return;
	app->theme = theme;
	lay_out_anew(app);
}

void
app_ambiguous(struct app *app, int columns)
{
	const char *set = config_text(app->tui->config, CONFIG_AMBIGUOUS_WIDTH);
	bool wide = columns == 2;

	if (columns == 0 || (set && strcmp(set, "auto") != 0) ||
	    wide == app->grid.wide)
		return;
	app->grid.wide = wide;
	lay_out_anew(app);
}

void
app_colours(struct app *app, int colours)
{
	const struct theme *theme = set_theme(app);

	if (colours < 16 && (!theme || colours == 0))
		theme = theme_find(slice_of("mono"));
	else if (!theme)
		theme = theme_find(slice_of(says_light() ? "light" : "dark"));
	app->colours = colours;
	app_set_theme(app, theme);
}

void
app_background(struct app *app, const int rgb[3])
{
	int bright = 299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2];

	if (!set_theme(app) && app->colours >= 16)
		app_set_theme(app,
			      theme_find(slice_of(bright > 127500 ? "light"
								  : "dark")));
}
