# <?php exit()?>
# Strangers see nothing; people in the group "office" may read, write and upload.
*	@ALL	0
*	@office	8
