<!doctype html>
<html <?php language_attributes(); ?>>
<title><?php bloginfo('name'); ?></title>
<?php wp_head(); ?>
<body>
<h1><?php bloginfo('name'); ?></h1>
<?php while (have_posts()) : the_post(); ?>
<article><h2><a href="<?php the_permalink(); ?>"><?php the_title(); ?></a></h2><?php the_content(); ?><p class="by"><?php the_author(); ?></p></article>
<?php endwhile; ?>
<?php wp_footer(); ?>
</body>
</html>
